namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>
/// Every message in memory, in the order of taking. Three chains run through the entries, each from the newest backwards: same
/// recipient; same recipient and body; same id of the caller. The last two hold only the first message of each, which makes telling
/// a duplicate cheap however many there are. Not thread-safe: the ledger's lock guards it.
/// </summary>
internal sealed class MessageTable
{
    public const int None = -1;
    private const int ChunkLength = 1 << 14;
    private const int Buckets = 1 << 20;

    private readonly List<MessageEntry[]> _chunks = [];
    private readonly int[] _byTo = NewHeads();
    private readonly int[] _byPair = NewHeads();
    private readonly int[] _byOwnId = NewHeads();

    public int Count { get; private set; }

    public long[] ByStatus { get; } = new long[MessageStatuses.Count];

    public long Inbound { get; private set; }

    public DuplicateCount PairDuplicates { get; } = new();

    public DuplicateCount OwnIdDuplicates { get; } = new();

    public ref MessageEntry this[int index] => ref _chunks[index / ChunkLength][index % ChunkLength];

    /// <summary>Adds an entry; its chain fields are set here. An own id of 0 means none.</summary>
    public int Add(MessageEntry entry)
    {
        var index = Count++;
        if (index / ChunkLength == _chunks.Count)
            _chunks.Add(new MessageEntry[ChunkLength]);
        entry.PreviousPair = entry.PreviousOwnId = None;
        entry.PreviousTo = _byTo[Bucket(entry.To)];
        _byTo[Bucket(entry.To)] = index;
        if (entry.Has(EntryFlags.Inbound))
        {
            Inbound++;
        }
        else
        {
            LinkPair(ref entry, index);
            if (entry.OwnId != 0)
                LinkOwnId(ref entry, index);
        }
        ByStatus[(int)entry.Status]++;
        this[index] = entry;
        return index;
    }

    public void SetStatus(ref MessageEntry entry, MessageStatus status)
    {
        ByStatus[(int)entry.Status]--;
        ByStatus[(int)status]++;
        entry.Status = status;
    }

    /// <summary>The messages to a recipient, newest first, in both directions, deleted ones too.</summary>
    public IEnumerable<int> NewestFirst(ulong to)
    {
        for (var index = _byTo[Bucket(to)]; index != None; index = this[index].PreviousTo)
        {
            if (this[index].To == to)
                yield return index;
        }
    }

    /// <summary>The first message that carried this id of the caller's, or <see cref="None"/>.</summary>
    public int FirstWithOwnId(ulong ownId)
    {
        var index = _byOwnId[Bucket(ownId)];
        while (index != None && this[index].OwnId != ownId)
            index = this[index].PreviousOwnId;
        return index;
    }

    private void LinkPair(ref MessageEntry entry, int index)
    {
        var first = _byPair[Bucket(entry.Pair)];
        while (first != None && this[first].Pair != entry.Pair)
            first = this[first].PreviousPair;
        if (first != None)
        {
            PairDuplicates.Add(first, index);
            return;
        }
        entry.PreviousPair = _byPair[Bucket(entry.Pair)];
        _byPair[Bucket(entry.Pair)] = index;
        PairDuplicates.Distinct++;
    }

    private void LinkOwnId(ref MessageEntry entry, int index)
    {
        var first = FirstWithOwnId(entry.OwnId);
        if (first != None)
        {
            OwnIdDuplicates.Add(first, index);
            return;
        }
        entry.PreviousOwnId = _byOwnId[Bucket(entry.OwnId)];
        _byOwnId[Bucket(entry.OwnId)] = index;
        OwnIdDuplicates.Distinct++;
    }

    private static int Bucket(ulong key) => (int)(Knobs.Draws.Mix(key) % Buckets);

    private static int[] NewHeads()
    {
        var heads = new int[Buckets];
        Array.Fill(heads, None);
        return heads;
    }
}

/// <summary>How many are distinct, how many repeat an earlier one, and a sample of those.</summary>
internal sealed class DuplicateCount
{
    public const int MostSamples = 100;

    public long Distinct { get; set; }

    public long Repeated { get; private set; }

    public List<(int First, int Repeat)> Sample { get; } = [];

    public void Add(int first, int repeat)
    {
        Repeated++;
        if (Sample.Count < MostSamples)
            Sample.Add((first, repeat));
    }
}
