using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline;
using SmsCrm.Server.Roles;
using SmsCrm.Storage.Identity;
using SmsCrm.Storage.Migrations;
using SmsCrm.Storage.Partitions;
using SmsCrm.Streams;
using StackExchange.Redis;

namespace SmsCrm.Server.Health;

/// <summary>A check that gives one sentence, well or ill; what throws is ill with the error's own sentence.</summary>
internal abstract class DependencyCheck : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var (ok, says) = await AskAsync(cancellationToken);
            return ok ? HealthCheckResult.Healthy(says) : HealthCheckResult.Unhealthy(says);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"It does not answer: {exception.Message}");
        }
    }

    protected abstract Task<(bool Ok, string Says)> AskAsync(CancellationToken cancellation);
}

internal sealed class PostgresCheck(NpgsqlDataSource database, TimeProvider clock) : DependencyCheck
{
    protected override async Task<(bool Ok, string Says)> AskAsync(CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        await using var command = database.CreateCommand("SELECT current_setting('server_version')");
        var version = await command.ExecuteScalarAsync(cancellation);
        return (true, string.Create(CultureInfo.InvariantCulture, $"Version {version} answered in {clock.GetElapsedTime(started).TotalMilliseconds:0.0} ms."));
    }
}

internal sealed class SchemaCheck(SchemaMigrator migrator) : DependencyCheck
{
    protected override async Task<(bool Ok, string Says)> AskAsync(CancellationToken cancellation)
    {
        var version = await migrator.CheckAsync(cancellation);
        return (version.Matches, version.Sentence);
    }
}

internal sealed class PartitionsCheck(PartitionUpkeep upkeep) : DependencyCheck
{
    protected override async Task<(bool Ok, string Says)> AskAsync(CancellationToken cancellation)
    {
        var ahead = await upkeep.ReadAheadAsync(cancellation);
        return (ahead.Enough, string.Create(
            CultureInfo.InvariantCulture,
            $"{ahead.Days} days of messages and {ahead.ClaimHours} hours of claims are made ahead{(ahead.Enough ? "." : "; needed are 3 and 12: is a record role running?")}"));
    }
}

internal sealed class LedgerIdentityReadiness(LedgerIdentity identity) : DependencyCheck
{
    protected override async Task<(bool Ok, string Says)> AskAsync(CancellationToken cancellation)
    {
        var check = await identity.CheckAsync(cancellation);
        return (check.Same, check.Sentence);
    }
}

/// <summary>Ids and partitions go by the node's clock, deadlines by Postgres': far apart, a message would meet the wrong day.</summary>
internal sealed class ClockCheck(NpgsqlDataSource database, TimeProvider clock) : DependencyCheck
{
    private static readonly TimeSpan Allowed = TimeSpan.FromMilliseconds(500);

    protected override async Task<(bool Ok, string Says)> AskAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        var before = clock.GetUtcNow();
        var there = new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellation))!);
        var after = clock.GetUtcNow();

        // Postgres read its clock somewhere between the two: only what lies outside is an offset for sure.
        var offset = there < before ? there - before : there > after ? there - after : TimeSpan.Zero;
        var ok = offset.Duration() <= Allowed;
        return (ok, string.Create(
            CultureInfo.InvariantCulture,
            $"This node's clock and Postgres' differ by {offset.TotalMilliseconds:0} ms{(ok ? "." : "; allowed are 500: set the clocks by NTP.")}"));
    }
}

/// <summary>Redis is connected when first asked for, so it is asked for only here and by what needs it.</summary>
internal sealed class RedisCheck(IServiceProvider services) : DependencyCheck
{
    protected override async Task<(bool Ok, string Says)> AskAsync(CancellationToken cancellation)
    {
        var redis = services.GetRequiredService<IConnectionMultiplexer>();
        var latency = await redis.GetDatabase().PingAsync().WaitAsync(cancellation);
        return (true, string.Create(CultureInfo.InvariantCulture, $"Answered in {latency.TotalMilliseconds:0.0} ms."));
    }
}

/// <summary>Whether one of the brokers takes connections; what consumers and topics lack is told by the consumers.</summary>
internal sealed class KafkaCheck(IOptions<KafkaOptions> options) : DependencyCheck
{
    protected override async Task<(bool Ok, string Says)> AskAsync(CancellationToken cancellation)
    {
        string? trouble = null;
        foreach (var server in options.Value.BootstrapServers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = server.LastIndexOf(':');
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(server[..colon], int.Parse(server.AsSpan(colon + 1), CultureInfo.InvariantCulture), cancellation);
                return (true, $"A broker takes connections at {server}{(options.Value.Durable ? "." : "; it is not durable: the ledger is what acceptance rests on.")}");
            }
            catch (SocketException e)
            {
                trouble = $"{server}: {e.Message}";
            }
        }

        return (false, $"No broker takes connections ({trouble}).");
    }
}

/// <summary>Why the pipeline holds, where it does.</summary>
internal sealed class PipelineCheck(PipelineHold hold) : DependencyCheck
{
    protected override Task<(bool Ok, string Says)> AskAsync(CancellationToken cancellation)
    {
        var reasons = hold.Reasons;
        return Task.FromResult((reasons.Count == 0, reasons.Count == 0 ? "It sends." : $"It holds: {string.Join(", ", reasons)}."));
    }
}

/// <summary>Consumers of one role, told apart by the beginning of their names.</summary>
internal abstract class ConsumersCheck(StreamHealth streams, Func<string, bool> isOurs) : DependencyCheck
{
    protected override Task<(bool Ok, string Says)> AskAsync(CancellationToken cancellation)
    {
        var report = streams.Report().Where(status => isOurs(status.Name)).ToList();
        var says = report.Count == 0 ? "None runs yet." : string.Join(' ', report.Select(status => $"{status.Name}: {status.Sentence}"));
        return Task.FromResult((report.Count > 0 && report.All(status => status.IsReady), says));
    }
}

internal sealed class SendConsumersCheck(StreamHealth streams) : ConsumersCheck(streams, SendRole.IsConsumer);

internal sealed class RecordConsumersCheck(StreamHealth streams) : ConsumersCheck(streams, static name => !SendRole.IsConsumer(name));
