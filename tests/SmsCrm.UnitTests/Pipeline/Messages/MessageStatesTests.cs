using FsCheck.Xunit;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Storage.Partitions;

namespace SmsCrm.UnitTests.Pipeline.Messages;

public sealed class MessageStatesTests
{
    private static readonly MessageState[] All = Enum.GetValues<MessageState>();

    [Fact]
    public void Nothing_that_the_provider_took_and_nothing_final_is_moved_by_a_decision_of_ours()
    {
        foreach (var from in All.Where(state => state.IsFinal() || state.IsTaken()))
        {
            Assert.All(All, to => Assert.False(MessageStates.MayDecide(from, to), $"{from} -> {to}"));
        }
    }

    [Fact]
    public void A_claim_is_made_only_of_what_is_not_claimed_unknown_or_ended() => Assert.Equal(
        [MessageState.None, MessageState.Queued, MessageState.Deferred],
        All.Where(from => MessageStates.MayDecide(from, MessageState.Claimed)));

    [Theory]
    [InlineData(MessageState.None, "Queued, Deferred, Claimed, Rejected, Cancelled")]
    [InlineData(MessageState.Queued, "Deferred, Claimed, Rejected, Cancelled")]
    [InlineData(MessageState.Deferred, "Deferred, Claimed, Rejected, Cancelled")]
    [InlineData(MessageState.Claimed, "Deferred, Unknown, Failed")]
    [InlineData(MessageState.Unknown, "Deferred, Failed, Uncertain")]
    public void The_table_of_our_own_decisions(MessageState from, string to) =>
        Assert.Equal(to, string.Join(", ", All.Where(state => MessageStates.MayDecide(from, state))));

    [Fact]
    public void What_the_provider_took_is_taken_sent_undelivered_delivered_or_read() => Assert.Equal(
        [MessageState.Taken, MessageState.Sent, MessageState.Undelivered, MessageState.Delivered, MessageState.Read], All.Where(state => state.IsTaken()));

    [Fact]
    public void A_word_of_the_same_rank_replaces_nothing() => Assert.Equal(
        MessageState.Uncertain, MessageStates.Fold(MessageState.Uncertain, MessageState.Failed));

    [Property]
    public bool A_fold_never_falls_and_its_order_does_not_matter(int start, int first, int second)
    {
        MessageState[] words = [.. All.Where(state => state.IsTaken())];
        var state = All[Math.Abs(start % All.Length)];
        var (a, b) = (words[Math.Abs(first % words.Length)], words[Math.Abs(second % words.Length)]);

        return MessageStates.Fold(state, a).Rank() >= state.Rank()
            && MessageStates.Fold(MessageStates.Fold(state, a), b) == MessageStates.Fold(MessageStates.Fold(state, b), a);
    }

    [Fact]
    public void A_days_partition_is_kept_for_exactly_the_states_that_somebody_has_to_take_up() => Assert.Equal(
        All.Where(state => state != MessageState.None && !state.IsFinal() && !state.IsTaken()).Select(state => (short)state),
        PartitionRemoval.OpenStates);

    [Fact]
    public void The_stored_numbers_of_event_kinds_are_those_of_the_states_they_lead_to() => Assert.All(
        All.Where(state => state != MessageState.None), state => Assert.Equal(state.ToString(), ((EventKind)state).ToString()));

    [Fact]
    public void An_id_tells_when_it_was_accepted_to_the_millisecond()
    {
        var at = new DateTimeOffset(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero);

        Assert.Equal(at, new MessageId(Guid.CreateVersion7(at)).AcceptedAt);
    }
}
