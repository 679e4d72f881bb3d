using Dapper;
using Npgsql;
using SmsCrm.Crm.Audit;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Tenants;

/// <summary>The one writer of <c>senders</c>.</summary>
public sealed class SenderStore(NpgsqlDataSource database, TimeProvider time)
{
    private const int ListLimit = 10_000;
    private const string Show =
        "SELECT (to_jsonb(s) - '{id,tenant_id,version,created_at,updated_at}'::text[])::text FROM senders s WHERE tenant_id = @tenant AND id = @id FOR UPDATE";

    public async Task<SettingsOutcome<SenderInfo>> CreateAsync(TenantId tenant, SenderSettings settings, string actor, CancellationToken cancellation)
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
            weight = (short)settings.Weight,
            countries = settings.Countries.ToArray(),
        };
        try
        {
            // By way of the account, so that a sender never joins another tenant's.
            var made = await AuditedChange.RunAsync(
                database,
                new Note(tenant, actor, "create", $"sender {id}"),
                Show,
                """
                INSERT INTO senders (id, tenant_id, account_id, address, kind, pool, segments_per_second, state, weight, countries)
                SELECT @id, tenant_id, id, @address, @kind, @pool, @rate, @state, @weight, @countries FROM provider_accounts WHERE tenant_id = @tenant AND id = @account
                """,
                values,
                cancellation).ConfigureAwait(false);
            return made
                ? new SettingsOutcome<SenderInfo>.Done(new SenderInfo(
                    id, tenant, settings.AccountId, settings.Address, settings.Kind, settings.Pool, settings.Rate, settings.IsActive, 1)
                {
                    Weight = settings.Weight,
                    Countries = settings.Countries,
                })
                : new SettingsOutcome<SenderInfo>.Refused($"account_id is '{settings.AccountId}': the tenant has no such account.");
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return new SettingsOutcome<SenderInfo>.Refused($"address is '{settings.Address}': the tenant has it already.");
        }
    }

    /// <summary>Changes what may be changed of a sender.</summary>
    /// <param name="version">As it was read; 0 changes whatever is there.</param>
    public async Task<SettingsOutcome<SenderInfo>> UpdateAsync(
        TenantId tenant, Guid sender, long version, SenderChange change, string actor, CancellationToken cancellation)
    {
        if (change.Errors() is { Count: > 0 } errors)
        {
            return new SettingsOutcome<SenderInfo>.Refused(errors);
        }

        var changed = await AuditedChange.RunAsync(
            database,
            new Note(tenant, actor, change.BlockedReason is null ? "update" : "block", $"sender {sender}"),
            Show,
            """
            UPDATE senders SET pool = @pool, segments_per_second = @rate, state = @state, weight = @weight, countries = @countries,
              blocked_reason = @reason, version = version + 1, updated_at = now()
            WHERE tenant_id = @tenant AND id = @id AND (@version = 0 OR version = @version)
            """,
            new
            {
                id = sender,
                tenant = tenant.Value,
                version,
                pool = change.Pool,
                rate = change.SegmentsPerSecond,
                state = State(change.BlockedReason is null),
                weight = (short)change.Weight,
                countries = change.Countries.ToArray(),
                reason = change.BlockedReason,
            },
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
            SELECT id, account_id AS accountid, address, kind, pool, segments_per_second AS segmentspersecond, state, version, weight, countries,
              blocked_reason AS blockedreason
            FROM senders WHERE tenant_id = @tenant ORDER BY id LIMIT @limit
            """,
            new { tenant = tenant.Value, limit = ListLimit },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToSender(tenant))];
    }

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

        public short Weight { get; init; }

        public string[] Countries { get; init; } = [];

        public string? BlockedReason { get; init; }

        public SenderInfo ToSender(TenantId tenant) =>
            new(Id, tenant, AccountId, Address, SenderSettings.KindOf(Kind), Pool, SegmentsPerSecond, State == "active", Version)
            {
                Weight = Weight,
                Countries = Countries,
                BlockedReason = BlockedReason,
            };
    }
}
