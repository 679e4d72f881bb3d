using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.UnitTests.Pipeline.Ledger;

public sealed class ReceiptFoldTests
{
    private static readonly MessageId Id = new(Guid.CreateVersion7());
    private static readonly TenantId Tenant = new(Guid.CreateVersion7());
    private static readonly ProviderSid Bound = new('S', Guid.CreateVersion7());
    private static readonly ProviderSid Other = new('S', Guid.CreateVersion7());

    [Property]
    public Property Words_in_any_order_and_number_end_in_one_row_with_each_word_told_once() => Prop.ForAll(
        ArbMap.Default.ArbFor<int[]>(),
        ArbMap.Default.ArbFor<int>(),
        (drawn, seed) =>
        {
            string[] statuses = ["queued", "sent", "delivered", "undelivered", "read", "odd"];
            var words = drawn.Select(n => Word(statuses[Math.Abs(n % statuses.Length)])).ToArray();
            var shuffled = words.Concat(words).ToArray();
            new Random(seed).Shuffle(shuffled);

            var once = FoldAll(words);
            var again = FoldAll(shuffled);

            return (once.Row.Facts == again.Row.Facts && once.Row.SeenBits == again.Row.SeenBits
                && once.Told.Order().SequenceEqual(again.Told.Order())).Label($"{string.Join(',', words.Select(w => w.Status))}: {once.Row} {again.Row}");
        });

    [Fact]
    public void A_word_about_another_sid_is_told_once_and_changes_no_state()
    {
        var row = Row(MessageState.Sent) with { Sid = Bound };
        var word = Word("delivered") with { Sid = Other };

        var change = ReceiptFold.Fold(Id, row, null, [word, word], [])!;
        var later = ReceiptFold.Fold(Id, row, null, [word], [change.Events[0].Detail!]);

        Assert.Equal(MessageState.Sent, change.State);
        Assert.Equal(EventKind.TextedTwice, Assert.Single(change.Events).Kind);
        Assert.Null(later);
    }

    [Theory]
    [InlineData(MessageState.Queued)]
    [InlineData(MessageState.Deferred)]
    [InlineData(MessageState.Claimed)]
    [InlineData(MessageState.Unknown)]
    [InlineData(MessageState.Uncertain)]
    [InlineData(MessageState.Failed)]
    [InlineData(MessageState.Rejected)]
    [InlineData(MessageState.Cancelled)]
    public void The_first_word_is_taken_in_any_state_and_binds_its_sid(MessageState state)
    {
        var change = ReceiptFold.Fold(Id, Row(state), null, [Word("queued")], [])!;

        Assert.Equal((MessageState.Taken, Bound, Reason.None), (change.State, change.Sid, change.Reason));
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("canceled")]
    [InlineData("undelivered")]
    public void The_providers_final_no_counts_as_undelivered_with_its_code(string status)
    {
        var change = ReceiptFold.Fold(Id, Row(MessageState.Taken), null, [Word(status) with { Code = 30003 }], [])!;

        Assert.Equal((MessageState.Undelivered, 30003), (change.State, change.Code));
    }

    [Fact]
    public void A_word_that_we_do_not_know_is_told_and_changes_nothing_else()
    {
        var change = ReceiptFold.Fold(Id, Row(MessageState.Claimed), null, [Word("gone-fishing")], [])!;

        Assert.Equal((MessageState.Claimed, null), (change.State, change.Sid));
        Assert.Equal((EventKind.OtherWord, "gone-fishing"), (change.Events[0].Kind, change.Events[0].Detail));
    }

    private static ProviderWord Word(string status) => ProviderWord.Of(new ReceiptEntry(Id, Tenant, 1, Bound, status, 0, null, null));

    private static LockedRow Row(MessageState state) => new(Id, Tenant, new RowFacts(state, 3, 1, Reason.None, 0), 0, null);

    /// <summary>Word by word, each against the row that the one before left.</summary>
    private static (LockedRow Row, List<EventKind> Told) FoldAll(IEnumerable<ProviderWord> words)
    {
        var (row, told) = (Row(MessageState.Claimed), new List<EventKind>());
        foreach (var word in words)
        {
            if (ReceiptFold.Fold(Id, row, null, [word], []) is { } change)
            {
                row = new LockedRow(Id, Tenant, change.Row, row.SeenBits | change.SeenBits, row.Sid ?? change.Sid);
                told.AddRange(change.Events.Select(e => e.Kind));
            }
        }

        return (row, told);
    }
}
