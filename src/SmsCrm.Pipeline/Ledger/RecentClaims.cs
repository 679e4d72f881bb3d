using Npgsql;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Whether anything went out lately, for whoever lost his own memory of it.</summary>
public interface IRecentClaims
{
    /// <summary>Whether any message was claimed within the last <paramref name="time"/>, by Postgres' clock. Throws Npgsql's exceptions.</summary>
    Task<bool> AnySinceAsync(TimeSpan time, CancellationToken cancellation);
}

internal sealed class RecentClaims(NpgsqlDataSource postgres) : IRecentClaims
{
    public async Task<bool> AnySinceAsync(TimeSpan time, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand("SELECT EXISTS (SELECT FROM claims WHERE at > now() - $1)");
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = time });
        return (bool)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }
}
