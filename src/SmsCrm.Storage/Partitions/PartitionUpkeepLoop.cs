using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SmsCrm.Storage.Partitions;

/// <summary>Every quarter of an hour: makes partitions two weeks ahead, drops days past their retention and visited hours of claims.</summary>
internal sealed class PartitionUpkeepLoop(
    PartitionUpkeep upkeep,
    PartitionRemoval removal,
    IOptions<StorageOptions> options,
    TimeProvider clock,
    ILogger<PartitionUpkeepLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        do
        {
            try
            {
                await VisitAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.UpkeepFailed(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task VisitAsync(CancellationToken cancellation)
    {
        var made = await upkeep.MakeAheadAsync(cancellation).ConfigureAwait(false);
        if (made > 0)
        {
            Log.Made(logger, made);
        }

        foreach (var day in await upkeep.ReadExpiredDaysAsync(options.Value.RetentionDays, cancellation).ConfigureAwait(false))
        {
            var outcome = await removal.DropDayAsync(day, cancellation).ConfigureAwait(false);
            Log.DayVisited(logger, day, outcome);
            if (outcome != DropOutcome.Dropped)
            {
                break;
            }
        }

        var hours = await removal.DropVisitedClaimsAsync(cancellation).ConfigureAwait(false);
        if (hours > 0)
        {
            Log.HoursDropped(logger, hours);
        }
    }
}

internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "Made {Count} partitions ahead")]
    public static partial void Made(ILogger logger, int count);

    [LoggerMessage(101, LogLevel.Information, "Partition of {Day}, past its retention: {Outcome}")]
    public static partial void DayVisited(ILogger logger, DateOnly day, DropOutcome outcome);

    [LoggerMessage(102, LogLevel.Information, "Dropped {Count} hours of claims that were visited")]
    public static partial void HoursDropped(ILogger logger, int count);

    [LoggerMessage(103, LogLevel.Error, "The partitions' upkeep failed; it is tried again in a quarter of an hour")]
    public static partial void UpkeepFailed(ILogger logger, Exception exception);
}
