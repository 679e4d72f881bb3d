using SmsCrm.Pipeline.Ingest;
using SmsCrm.Streams.Producing;

namespace SmsCrm.UnitTests.Pipeline.Ingest;

public sealed class MessageIntakeTests
{
    [Fact]
    public async Task Beyond_the_bound_requests_are_told_to_try_again_and_nothing_is_written()
    {
        var log = new FakeRequestLog();
        var held = new TaskCompletionSource<ProduceOutcome>();
        log.Answer = () => held.Task;
        using var intake = Intake.Over(log, options: new IngestOptions { MaxInFlight = 100 });
        var first = Enumerable.Range(0, 100).Select(i => intake.AcceptAsync(Intake.Caller, Intake.Request(i), default).AsTask()).ToList();

        var refused = await intake.AcceptAsync(Intake.Caller, Intake.Request(), default);
        held.SetResult(new ProduceOutcome(ProduceFate.Acknowledged, 0, 0, null));
        await Task.WhenAll(first);
        var accepted = await intake.AcceptAsync(Intake.Caller, Intake.Request(), default);

        Assert.Equal(TimeSpan.FromSeconds(1), Assert.IsType<IngestOutcome.Busy>(refused).RetryAfter);
        Assert.IsType<IngestOutcome.Accepted>(accepted);
        Assert.Equal(101, log.Appended.Count);
    }

    [Fact]
    public async Task Without_a_key_an_unknown_fate_is_told_with_the_id_to_ask_for()
    {
        var log = new FakeRequestLog { Answer = static () => Task.FromResult(new ProduceOutcome(ProduceFate.Unknown, -1, -1, "The broker went away.")) };
        using var intake = Intake.Over(log);

        var outcome = Assert.IsType<IngestOutcome.Unavailable>(await intake.AcceptAsync(Intake.Caller, Intake.Request(), default));

        Assert.NotNull(outcome.Id);
        Assert.Contains($"GET /v1/messages/{outcome.Id}", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Violations_found_while_reading_stand_before_those_of_other_fields()
    {
        using var intake = Intake.Over(new FakeRequestLog());
        var request = Intake.Request();
        request.To = "";
        request.Body = "";

        var outcome = await intake.AcceptAsync(Intake.Caller, request, default, [new RequestViolation("to", "is the number 5")]);

        Assert.Equal(["to", "body"], Assert.IsType<IngestOutcome.Invalid>(outcome).Violations.Select(static v => v.Field));
    }
}
