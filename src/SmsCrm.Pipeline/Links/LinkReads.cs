using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Links;

/// <summary>What Postgres says of a code.</summary>
/// <param name="IsKnown">False: it did not say in time.</param>
/// <param name="Link">Null: there is none.</param>
internal readonly record struct LinkRead(bool IsKnown, ShortLink? Link);

/// <summary>Asks Postgres for a link, with a deadline from the first step to the last, few at once.</summary>
internal sealed class LinkReads(NpgsqlDataSource postgres, IOptions<LinksOptions> options, TimeProvider clock) : IDisposable
{
    private const string Sql = "SELECT message_id, tenant_id, campaign_id, placeholder, url, expires_at FROM links WHERE code = $1";

    private readonly SemaphoreSlim _room = new(options.Value.Lookups);
    private readonly TimeSpan _deadline = TimeSpan.FromMilliseconds(options.Value.LookupTimeoutMs);

    public async Task<LinkRead> FindAsync(string code, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(_deadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await _room.WaitAsync(either.Token).ConfigureAwait(false);

            // Whoever gives up waiting does not wait for the question to be given up: that can take a connection's time.
            return await ReadAndLeaveAsync(code, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new LinkRead(IsKnown: false, null);
        }
    }

    public void Dispose() => _room.Dispose();

    private async Task<LinkRead> ReadAndLeaveAsync(string code, CancellationToken cancellation)
    {
        try
        {
            return new LinkRead(IsKnown: true, await ReadAsync(code, cancellation).ConfigureAwait(false));
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task<ShortLink?> ReadAsync(string code, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = code });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return await reader.ReadAsync(cancellation).ConfigureAwait(false)
            ? new ShortLink(
                code,
                new MessageId(reader.GetGuid(0)),
                new TenantId(reader.GetGuid(1)),
                reader.GetString(2),
                reader.GetString(3),
                reader.GetString(4),
                reader.GetFieldValue<DateTimeOffset>(5))
            : null;
    }
}
