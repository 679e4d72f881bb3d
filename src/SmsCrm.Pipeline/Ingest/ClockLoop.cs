using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>Measures Postgres' clock every ten seconds for <see cref="MessageIdSource"/>.</summary>
/// <param name="clock">The same stopwatch as the ids'.</param>
internal sealed class ClockLoop(NpgsqlDataSource dataSource, MessageIdSource ids, TimeProvider clock, ILogger<ClockLoop> logger) : BackgroundService
{
    private const int MostSamples = 10;

    private static readonly TimeSpan ShortWay = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AllowedShift = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        var isFirst = true;
        do
        {
            try
            {
                await MeasureAsync(stoppingToken).ConfigureAwait(false);
                if (!isFirst && ids.LastShift.Duration() > AllowedShift)
                {
                    Log.ClockMoved(logger, (int)ids.LastShift.TotalMilliseconds);
                }

                isFirst = false;
            }
            catch (Exception away) when (away is NpgsqlException or TimeoutException || (away is OperationCanceledException && !stoppingToken.IsCancellationRequested))
            {
                // The clock goes on from the last measurement.
                Log.ClockNotMeasured(logger, away.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    /// <summary>
    /// The first sample with a short way counts, or of ten the one with the shortest: Postgres read its clock in the middle of it, within half
    /// its length.
    /// </summary>
    private async Task MeasureAsync(CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(Deadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        await using var connection = await dataSource.OpenConnectionAsync(either.Token).ConfigureAwait(false);
        await using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        var (shortest, ledgerTime, at) = (TimeSpan.MaxValue, default(DateTimeOffset), 0L);
        for (var i = 0; i < MostSamples && shortest > ShortWay; i++)
        {
            var before = clock.GetTimestamp();
            var said = new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(either.Token).ConfigureAwait(false))!);
            var after = clock.GetTimestamp();
            var way = clock.GetElapsedTime(before, after);
            if (way < shortest)
            {
                (shortest, ledgerTime, at) = (way, said, before + ((after - before) / 2));
            }
        }

        ids.Measured(ledgerTime, at, shortest / 2);
    }
}
