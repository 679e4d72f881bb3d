using System.Data;
using Dapper;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Tenants;

/// <summary>The one writer of <c>senders</c>.</summary>
public sealed class SenderStore(NpgsqlDataSource database, TimeProvider time)
{
    private const int ListLimit = 10_000;

    public async Task<SettingsOutcome<SenderInfo>> CreateAsync(TenantId tenant, SenderSettings settings, CancellationToken cancellation)
    {
        if (settings.Errors() is { Count: > 0 } errors)
        {
            return new SettingsOutcome<SenderInfo>.Refused(errors);
        }

        var id = Guid.CreateVersion7(time.GetUtcNow());
        var values = new
        {
            id,
            tenant = tenant.Value,
            account = settings.AccountId,
            address = settings.Address,
            kind = SenderSettings.Code(settings.Kind),
            pool = settings.Pool,
            rate = settings.Rate,
            state = State(settings.IsActive),
        };
        try
        {
            // By way of the account, so that a sender never joins another tenant's.
            var made = await RunAsync(
                """
                INSERT INTO senders (id, tenant_id, account_id, address, kind, pool, segments_per_second, state)
                SELECT @id, tenant_id, id, @address, @kind, @pool, @rate, @state FROM provider_accounts WHERE tenant_id = @tenant AND id = @account
                """,
                values,
                cancellation).ConfigureAwait(false);
            return made
                ? new SettingsOutcome<SenderInfo>.Done(new SenderInfo(
                    id, tenant, settings.AccountId, settings.Address, settings.Kind, settings.Pool, settings.Rate, settings.IsActive, 1))
                : new SettingsOutcome<SenderInfo>.Refused($"account_id is '{settings.AccountId}': the tenant has no such account.");
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return new SettingsOutcome<SenderInfo>.Refused($"address is '{settings.Address}': the tenant has it already.");
        }
    }

    /// <summary>Changes rate, pool and state.</summary>
    /// <param name="version">As it was read; 0 changes whatever is there.</param>
    /// <param name="segmentsPerSecond">1 to 10,000.</param>
    public async Task<SettingsOutcome<SenderInfo>> UpdateAsync(
        TenantId tenant, Guid sender, long version, string pool, int segmentsPerSecond, bool isActive, CancellationToken cancellation)
    {
        var errors = new List<string>();
        Check.Name("pool", pool, 64, errors);
        Check.Range("segments_per_second", segmentsPerSecond, 1, 10_000, errors);
        if (errors.Count > 0)
        {
            return new SettingsOutcome<SenderInfo>.Refused(errors);
        }

        var changed = await RunAsync(
            """
            UPDATE senders SET pool = @pool, segments_per_second = @rate, state = @state, version = version + 1, updated_at = now()
            WHERE tenant_id = @tenant AND id = @id AND (@version = 0 OR version = @version)
            """,
            new { id = sender, tenant = tenant.Value, version, pool, rate = segmentsPerSecond, state = State(isActive) },
            cancellation).ConfigureAwait(false);
        return (await ListAsync(tenant, cancellation).ConfigureAwait(false)).SingleOrDefault(found => found.Id == sender) switch
        {
            null => new SettingsOutcome<SenderInfo>.NotFound(),
            var current when !changed => new SettingsOutcome<SenderInfo>.Stale(current.Version),
            var current => new SettingsOutcome<SenderInfo>.Done(current),
        };
    }

    /// <summary>A tenant's senders by id, up to 10,000.</summary>
    public async Task<IReadOnlyList<SenderInfo>> ListAsync(TenantId tenant, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT id, account_id AS accountid, address, kind, pool, segments_per_second AS segmentspersecond, state, version
            FROM senders WHERE tenant_id = @tenant ORDER BY id LIMIT @limit
            """,
            new { tenant = tenant.Value, limit = ListLimit },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToSender(tenant))];
    }

    private Task<bool> RunAsync(string sql, object values, CancellationToken cancellation) => SettingsTransaction.RunAsync(
        database,
        async (IDbConnection connection, IDbTransaction transaction) => await connection.ExecuteAsync(
            new CommandDefinition(sql, values, transaction, cancellationToken: cancellation)).ConfigureAwait(false) == 1,
        cancellation);

    private static string State(bool isActive) => isActive ? "active" : "blocked";

    private sealed class Row
    {
        public Guid Id { get; init; }

        public Guid AccountId { get; init; }

        public string Address { get; init; } = "";

        public string Kind { get; init; } = "";

        public string Pool { get; init; } = "";

        public int SegmentsPerSecond { get; init; }

        public string State { get; init; } = "";

        public long Version { get; init; }

        public SenderInfo ToSender(TenantId tenant) =>
            new(Id, tenant, AccountId, Address, SenderSettings.KindOf(Kind), Pool, SegmentsPerSecond, State == "active", Version);
    }
}
