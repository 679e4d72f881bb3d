using System.Text.Json;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Messages;

namespace SmsCrm.UnitTests.Reporting.Messages;

public sealed class SentencesTests
{
    [Fact]
    public void Whatever_happens_to_a_message_is_told_in_a_sentence() =>
        Assert.All(Enum.GetValues<EventKind>(), kind => Assert.EndsWith(".", Sentences.Of(kind, Reason.None), StringComparison.Ordinal));

    [Fact]
    public void No_two_reasons_are_told_in_the_same_words()
    {
        var told = Enum.GetValues<Reason>().Where(reason => reason != Reason.None).Select(reason => (int)reason switch
        {
            12 => Sentences.Of(EventKind.Unknown, reason),
            < 50 => Sentences.Of(EventKind.Deferred, reason),
            < 80 => Sentences.Of(EventKind.Rejected, reason),
            < 90 => Sentences.Of(EventKind.Failed, reason),
            _ => Sentences.Of(EventKind.Uncertain, reason),
        }).ToList();

        Assert.Equal(told.Count, told.Distinct().Count());
        Assert.DoesNotContain(told, sentence => sentence is "It waits." or "It was not sent.");
    }

    [Fact]
    public void What_the_gate_said_comes_first()
    {
        var detail = JsonElement.Parse("""{"gate":"suppression","sentence":"The recipient wrote STOP on 3 May.","facts":{}}""");

        Assert.Equal("The recipient wrote STOP on 3 May.", Sentences.Of(EventKind.Rejected, Reason.Suppressed, detail));
    }
}
