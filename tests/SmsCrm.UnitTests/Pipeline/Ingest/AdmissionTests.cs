using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.UnitTests.Pipeline.Ingest;

public sealed class AdmissionTests
{
    private static readonly TenantId Huge = new(new Guid("019aa000-0000-7000-8000-000000000001"));
    private static readonly TenantId Small = new(new Guid("019aa000-0000-7000-8000-000000000002"));
    private readonly Admission _admission = new(Options.Create(new IngestOptions { MaxWaitingPerTenant = 10, MaxWaiting = 15, RecorderDelayMs = 1_000 }));

    [Fact]
    public void A_tenant_of_whom_too_much_waits_is_told_to_try_again_and_nobody_else_is()
    {
        Seen(huge: 10);

        var busy = _admission.Judge(Huge);

        Assert.Equal(TimeSpan.FromSeconds(10), busy!.RetryAfter);
        Assert.Contains("10 of your messages wait", busy.Reason, StringComparison.Ordinal);
        Assert.Null(_admission.Judge(Small));
    }

    [Fact]
    public void Beyond_the_bound_of_all_everybody_is_told_to_try_again()
    {
        Seen(huge: 8, small: 7);

        Assert.NotNull(_admission.Judge(Small));
        Assert.NotNull(_admission.Judge(Huge));
    }

    [Fact]
    public void What_the_recorder_has_not_written_yet_counts_among_all()
    {
        Seen(small: 1, notYetRecorded: 14);

        Assert.NotNull(_admission.Judge(Small));
    }

    [Fact]
    public void What_this_node_accepted_counts_before_the_ledger_shows_it_and_no_longer_than_it_may_take()
    {
        for (var accepted = 0; accepted < 10; accepted++)
        {
            Assert.Null(_admission.Judge(Huge));
            _admission.Note(Huge);
        }

        Assert.NotNull(_admission.Judge(Huge));
        foreach (var _ in Enumerable.Range(0, 3))
        {
            Seen();
            Assert.NotNull(_admission.Judge(Huge));
        }

        Seen();
        Assert.Null(_admission.Judge(Huge));
    }

    [Fact]
    public async Task A_refused_request_is_not_written()
    {
        Seen(huge: 0);
        var log = new FakeRequestLog();
        var options = new IngestOptions { MaxWaitingPerTenant = 1 };
        var admission = new Admission(Options.Create(options));
        admission.Seen(new Dictionary<TenantId, long> { [Intake.Caller.Tenant] = 1 }, 0);
        using var intake = Intake.Over(log, options: options, admission: admission);

        var outcome = await intake.AcceptAsync(Intake.Caller, Intake.Request(), default);

        Assert.IsType<IngestOutcome.Busy>(outcome);
        Assert.Empty(log.Appended);
    }

    private void Seen(long huge = 0, long small = 0, long notYetRecorded = 0) =>
        _admission.Seen(new Dictionary<TenantId, long> { [Huge] = huge, [Small] = small }, notYetRecorded);
}
