using SmsCrm.TwilioSimulator.Knobs;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.UnitTests.TwilioSimulator.Senders;

public sealed class SenderTests
{
    private static readonly SimulatorKnobs Twilios = new();

    [Theory]
    [InlineData("+14155550100", SenderKind.LongCode)]
    [InlineData("+18335550100", SenderKind.TollFree)]
    [InlineData("+18885550100", SenderKind.TollFree)]
    [InlineData("+18505550100", SenderKind.LongCode)]
    [InlineData("12345", SenderKind.ShortCode)]
    [InlineData("MyCompany", SenderKind.Alphanumeric)]
    [InlineData("Shop 24", SenderKind.Alphanumeric)]
    [InlineData("+4915555550100", SenderKind.Other)]
    [InlineData("whatsapp:+14155550100", SenderKind.Other)]
    [InlineData("123456789", null)]
    [InlineData("TwelveLetter", null)]
    [InlineData("+1", null)]
    [InlineData("", null)]
    internal void The_kind_of_a_sender_is_told_by_its_shape(string name, SenderKind? kind) => Assert.Equal(kind, Address.KindOf(name));

    [Theory]
    [InlineData("+14155550100", 1000)]
    [InlineData("+18335550100", 333.33)]
    [InlineData("12345", 10)]
    [InlineData("MyCompany", 100)]
    public void A_segment_takes_its_senders_time(string name, double milliseconds)
    {
        var sender = new Sender(name, Address.KindOf(name)!.Value, number: 0);
        Assert.True(sender.TryQueue(1, 1000, Twilios, out var first));
        Assert.True(sender.TryQueue(1, 1000, Twilios, out var second));

        Assert.Equal(1000, first);
        Assert.Equal(milliseconds, second - first, 0.01);
    }

    [Fact]
    public void A_long_text_takes_the_time_of_its_segments()
    {
        var sender = new Sender("12345", SenderKind.ShortCode, number: 0);
        sender.TryQueue(5, 0, Twilios, out _);
        sender.TryQueue(1, 0, Twilios, out var next);

        Assert.Equal(50, next, 0.01);
    }

    [Fact]
    public void A_sender_that_rests_saves_nothing_up()
    {
        var sender = new Sender("12345", SenderKind.ShortCode, number: 0);
        sender.TryQueue(1, 0, Twilios, out _);
        sender.TryQueue(1, 60_000, Twilios, out var later);
        sender.TryQueue(1, 60_000, Twilios, out var next);

        Assert.Equal((60_000, 60_010), (later, next));
    }

    [Fact]
    public void The_queue_holds_ten_hours_of_work_and_no_more()
    {
        var sender = new Sender("+14155550100", SenderKind.LongCode, number: 0);

        Assert.True(sender.TryQueue(36_000, 0, Twilios, out _));
        Assert.False(sender.TryQueue(1, 0, Twilios, out _));
        Assert.True(sender.TryQueue(1, 1000, Twilios, out var place));
        Assert.Equal(36_000_000, place);
    }

    [Fact]
    public void A_rate_of_its_own_wins_over_the_kinds_also_while_running()
    {
        var sender = new Sender("12345", SenderKind.ShortCode, number: 0);
        sender.TryQueue(1, 0, Twilios, out _);
        KnobsJson.Apply("""{"rates":{"bySender":{"12345":1}}}""", Twilios, out var slow);
        sender.TryQueue(1, 1000, slow, out _);
        sender.TryQueue(1, 1000, slow, out var next);

        Assert.Equal(2000, next);
    }
}
