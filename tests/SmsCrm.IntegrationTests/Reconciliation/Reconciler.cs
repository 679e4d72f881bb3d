using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Reconciliation;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Reconciliation;

/// <summary>The reconciler's visits without its loop: a test says when each comes.</summary>
internal sealed class Reconciler : IAsyncDisposable
{
    private readonly TestMeters _meters = new();

    public Reconciler(
        NpgsqlDataSource postgres, ILedgerReads reads, IMessageLedger ledger, ISmsProvider provider, ReconciliationOptions options,
        ProviderDirectory? known = null, TimeProvider? clock = null)
    {
        // Nobody's accounts, unless a test has some: then no list answers.
        var directory = known ?? new ProviderDirectory(
            postgres,
            new SecretSeal(Options.Create(new ProviderOptions())),
            new ProviderMetrics(_meters),
            NullLogger<ProviderDirectory>.Instance);
        var attempts = new AttemptReads(postgres);
        var list = new ProviderList(provider, directory, attempts, options);
        var metrics = new ReconciliationMetrics(_meters);
        var outcomes = new UnknownOutcomes(ledger, metrics, TimeProvider.System, NullLogger<UnknownOutcomes>.Instance);
        var evidenceClock = new EvidenceClock(clock ?? TimeProvider.System);
        Evidence = new EvidenceVisits(reads, attempts, list, directory, outcomes, evidenceClock, options);
        Claims = new UnfinishedClaims(reads, ledger, attempts, list, Evidence, evidenceClock, outcomes, options, metrics);
    }

    public UnfinishedClaims Claims { get; }

    public EvidenceVisits Evidence { get; }

    public ValueTask DisposeAsync()
    {
        _meters.Dispose();
        return ValueTask.CompletedTask;
    }
}
