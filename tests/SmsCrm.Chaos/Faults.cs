using System.Globalization;
using System.Net.Sockets;
using System.Text;
using SmsCrm.Server.Local;

namespace SmsCrm.Chaos;

/// <summary>Breaks one part after the other, in an order and after pauses that the seed draws, and starts it again.</summary>
internal sealed class Faults(LocalSystem system, ChaosOptions options, Action<string> say)
{
    private readonly Random _random = new(options.Seed);
    private ChildProcess? _sending;

    /// <summary>How many there will be.</summary>
    public int Count => options.SendKills + (3 * options.ServerKills);

    public async Task StartSendingAsync(CancellationToken cancellation) =>
        _sending = await RoleProcess.StartAsync(system, "send", options.System.Program, options.SendPorts, cancellation).ConfigureAwait(false);

    public async Task StopSendingAsync()
    {
        if (_sending is not null)
        {
            await _sending.StopAsync(TimeSpan.FromSeconds(60)).ConfigureAwait(false);
        }
    }

    /// <param name="next">Told, before each fault, how many were made.</param>
    public async Task CauseAsync(Action<int> next, CancellationToken cancellation)
    {
        Func<CancellationToken, Task>[] all =
        [
            .. Enumerable.Repeat(KillSendingAsync, options.SendKills),
            .. Enumerable.Range(0, options.ServerKills).SelectMany(_ => new[] { KillRedisAsync, KillPostgresAsync, KillBrokerAsync }),
        ];
        _random.Shuffle(all);
        for (var made = 0; made < all.Length; made++)
        {
            next(made);
            await Task.Delay((0.2 + (0.8 * _random.NextDouble())) * options.LongestPause, cancellation).ConfigureAwait(false);
            await all[made](cancellation).ConfigureAwait(false);
        }

        next(all.Length);
    }

    private async Task KillSendingAsync(CancellationToken cancellation)
    {
        await _sending!.KillAsync().ConfigureAwait(false);
        say("send role: kill -9, started again");
        await StartSendingAsync(cancellation).ConfigureAwait(false);
    }

    private async Task KillRedisAsync(CancellationToken cancellation)
    {
        await system.Redis!.KillAsync().ConfigureAwait(false);
        await DownAsync(cancellation).ConfigureAwait(false);
        await system.Redis.StartAgainAsync(cancellation).ConfigureAwait(false);
        await FlushAsync(cancellation).ConfigureAwait(false);
        say("Redis: kill -9, started again, flushed");
    }

    private async Task KillPostgresAsync(CancellationToken cancellation)
    {
        await system.Postgres!.KillAsync(cancellation).ConfigureAwait(false);
        await DownAsync(cancellation).ConfigureAwait(false);
        await system.Postgres.StartAgainAsync(cancellation).ConfigureAwait(false);
        say("Postgres: kill -9, started again");
    }

    private async Task KillBrokerAsync(CancellationToken cancellation)
    {
        await system.Kafka.KillAsync().ConfigureAwait(false);
        await DownAsync(cancellation).ConfigureAwait(false);
        await system.Kafka.StartAsync(cancellation).ConfigureAwait(false);
        say(system.Kafka.IsDurable ? "broker: kill -9, started again" : "broker: kill -9, started again, everything in it forgotten");
    }

    private Task DownAsync(CancellationToken cancellation) => Task.Delay(_random.Next(500, 3_000), cancellation);

    private async Task FlushAsync(CancellationToken cancellation)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", system.Ports.Redis, cancellation).ConfigureAwait(false);
        var stream = client.GetStream();
        await stream.WriteAsync("FLUSHALL\r\n"u8.ToArray(), cancellation).ConfigureAwait(false);
        var answer = new byte[64];
        var length = await stream.ReadAsync(answer, cancellation).ConfigureAwait(false);
        if (!Encoding.ASCII.GetString(answer, 0, length).StartsWith("+OK", StringComparison.Ordinal))
        {
            throw new LocalServerException(string.Create(CultureInfo.InvariantCulture, $"Redis did not flush: {Encoding.ASCII.GetString(answer, 0, length)}"));
        }
    }
}
