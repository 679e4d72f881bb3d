using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Folds the counts and the budgets' use every second; for the <c>record</c> role.</summary>
internal sealed class CountFolderLoop(CountFolder folder, BudgetFolder budgets, TimeProvider clock, ILogger<CountFolderLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                while (await folder.FoldOnceAsync(stoppingToken).ConfigureAwait(false))
                {
                    // A backlog of deltas is folded without pause.
                }

                await budgets.FoldOnceAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.FoldFailed(logger, e);
            }
        }
    }
}
