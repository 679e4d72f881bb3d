using System.Collections.Concurrent;

namespace SmsCrm.TwilioSimulator.Senders;

/// <summary>Every sender that was ever used, by account and name, and by number.</summary>
internal sealed class SenderBook
{
    /// <summary>More senders than this are refused: the book is kept in memory for ever.</summary>
    public const int Most = 200_000;

    private readonly ConcurrentDictionary<(int Account, string Name), Sender> _byName = new();
    private readonly List<Sender> _byNumber = [];
    private readonly Lock _gate = new();

    /// <summary>The sender, new where it wasn't known. Null when <paramref name="name"/> can't be a sender, or the book is full.</summary>
    public Sender? Find(int account, string name)
    {
        if (_byName.TryGetValue((account, name), out var known))
            return known;
        if (Address.KindOf(name) is not { } kind)
            return null;
        lock (_gate)
        {
            if (_byName.TryGetValue((account, name), out known))
                return known;
            if (_byNumber.Count == Most)
                return null;
            var sender = new Sender(name, kind, _byNumber.Count);
            _byNumber.Add(sender);
            _byName[(account, name)] = sender;
            return sender;
        }
    }

    /// <summary>The sender if it was ever used.</summary>
    public Sender? Known(int account, string name) => _byName.GetValueOrDefault((account, name));

    /// <summary>Forgets every sender and its queue.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _byName.Clear();
            _byNumber.Clear();
        }
    }

    public Sender this[int number]
    {
        get
        {
            lock (_gate)
                return _byNumber[number];
        }
    }
}
