using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;
using Purpose = SmsCrm.Contracts.V1.Purpose;

namespace SmsCrm.UnitTests.Pipeline.Ingest;

/// <summary>An intake over a log of the test's own, for requests without idempotency keys.</summary>
internal static class Intake
{
    public static readonly IngestCaller Caller = new(new TenantId(Guid.CreateVersion7(TimeProvider.System.GetUtcNow())), "US");

    public static MessageIntake Over(IRequestLog log, IMessageLedger? ledger = null, IngestOptions? options = null, TimeProvider? clock = null, Admission? admission = null, ILinkShelf? links = null)
    {
        var settings = Options.Create(options ?? new IngestOptions());
        var metrics = new IngestMetrics(new TestMeters());
        clock ??= TimeProvider.System;
        return new MessageIntake(
            new MessageValidator(clock),
            new MessageIdSource(clock),
            null!,
            new Acceptance(log, new LedgerQueue(ledger!), settings, metrics, clock, NullLogger<Acceptance>.Instance),
            admission ?? new Admission(settings),
            links ?? new FakeLinkShelf(),
            settings,
            metrics,
            clock);
    }

    public static SendRequest Request(int number = 0) =>
        new() { To = $"+1415{2_340_000 + number}", Body = "Hello", Purpose = Purpose.Transactional, ClientReference = $"{number}" };
}
