using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Looks every second what holds the feeds back (<see cref="FeedHold"/>), where somebody reads them: the role <c>crm</c>.</summary>
internal sealed class FeedHoldLoop(FeedHold hold, TimeProvider clock, ILogger<FeedHoldLoop> logger) : RoundLoop(TimeSpan.FromSeconds(1), clock)
{
    protected override Task RoundAsync(CancellationToken cancellation) => hold.LookAsync(cancellation);

    protected override void RoundFailed(Exception e)
    {
        // That Postgres is away, those say who read the feeds.
        hold.Forget();
        Log.FeedHoldUnknown(logger, e);
    }
}
