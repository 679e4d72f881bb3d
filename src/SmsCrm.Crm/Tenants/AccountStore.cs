using System.Data;
using Dapper;
using Npgsql;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Crm.Tenants;

/// <summary>The one writer of <c>provider_accounts</c>.</summary>
public sealed class AccountStore(NpgsqlDataSource database, SecretSeal seal, TimeProvider time)
{
    private const int ListLimit = 1_000;

    public async Task<SettingsOutcome<Account>> CreateAsync(TenantId tenant, AccountSettings settings, CancellationToken cancellation)
    {
        if (settings.Errors(seal, needsToken: true) is { Count: > 0 } errors)
        {
            return new SettingsOutcome<Account>.Refused(errors);
        }

        var id = Guid.CreateVersion7(time.GetUtcNow());
        const string sql = """
            INSERT INTO provider_accounts (id, tenant_id, name, account_sid, auth_token_sealed, base_address, segments_per_second, max_concurrency)
            VALUES (@id, @tenant, @name, @accountSid, @token, @baseAddress, @rate, @concurrency)
            """;
        return await ChangeAsync(tenant, id, sql, Values(tenant, id, 0, settings), settings, cancellation).ConfigureAwait(false);
    }

    /// <param name="version">As it was read; 0 changes whatever is there.</param>
    public async Task<SettingsOutcome<Account>> UpdateAsync(TenantId tenant, Guid account, long version, AccountSettings settings, CancellationToken cancellation)
    {
        if (settings.Errors(seal, needsToken: false) is { Count: > 0 } errors)
        {
            return new SettingsOutcome<Account>.Refused(errors);
        }

        const string sql = """
            UPDATE provider_accounts SET name = @name, account_sid = @accountSid, auth_token_sealed = coalesce(@token, auth_token_sealed),
              base_address = @baseAddress, segments_per_second = @rate, max_concurrency = @concurrency, version = version + 1, updated_at = now()
            WHERE tenant_id = @tenant AND id = @id AND (@version = 0 OR version = @version)
            """;
        return await ChangeAsync(tenant, account, sql, Values(tenant, account, version, settings), settings, cancellation).ConfigureAwait(false);
    }

    /// <summary>Stops an account, with a reason of 1 to 500 characters; or, with null, lets it go on.</summary>
    public async Task<SettingsOutcome<Account>> SetHaltedAsync(TenantId tenant, Guid account, string? reason, CancellationToken cancellation)
    {
        var errors = new List<string>();
        if (reason is not null)
        {
            Check.Name("reason", reason, 500, errors);
        }

        return errors.Count > 0
            ? new SettingsOutcome<Account>.Refused(errors)
            : await ChangeAsync(
                tenant,
                account,
                """
                UPDATE provider_accounts SET state = CASE WHEN @reason::text IS NULL THEN 'active' ELSE 'halted' END, halted_reason = @reason,
                  version = version + 1, updated_at = now()
                WHERE tenant_id = @tenant AND id = @id
                """,
                new { tenant = tenant.Value, id = account, reason },
                null,
                cancellation).ConfigureAwait(false);
    }

    public async Task<Account?> GetAsync(TenantId tenant, Guid account, CancellationToken cancellation) =>
        (await ListAsync(tenant, cancellation).ConfigureAwait(false)).SingleOrDefault(found => found.Id == account);

    /// <summary>A tenant's accounts by id, up to 1,000.</summary>
    public async Task<IReadOnlyList<Account>> ListAsync(TenantId tenant, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT id, name, account_sid AS accountsid, base_address AS baseaddress, segments_per_second AS segmentspersecond,
              max_concurrency AS maxconcurrency, state, halted_reason AS haltedreason, version
            FROM provider_accounts WHERE tenant_id = @tenant ORDER BY id LIMIT @limit
            """,
            new { tenant = tenant.Value, limit = ListLimit },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToAccount(tenant))];
    }

    private async Task<SettingsOutcome<Account>> ChangeAsync(
        TenantId tenant, Guid account, string sql, object values, AccountSettings? settings, CancellationToken cancellation)
    {
        bool changed;
        try
        {
            changed = await SettingsTransaction.RunAsync(
                database,
                async (IDbConnection connection, IDbTransaction transaction) => await connection.ExecuteAsync(
                    new CommandDefinition(sql, values, transaction, cancellationToken: cancellation)).ConfigureAwait(false) == 1,
                cancellation).ConfigureAwait(false);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return new SettingsOutcome<Account>.Refused($"name '{settings?.Name}' or account_sid '{settings?.AccountSid}': another account of the tenant has it.");
        }
        catch (PostgresException unknown) when (unknown.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return new SettingsOutcome<Account>.Refused($"tenant is '{tenant}': there is no such tenant.");
        }

        return await GetAsync(tenant, account, cancellation).ConfigureAwait(false) switch
        {
            null => new SettingsOutcome<Account>.NotFound(),
            var current when !changed => new SettingsOutcome<Account>.Stale(current.Version),
            var current => new SettingsOutcome<Account>.Done(current),
        };
    }

    private object Values(TenantId tenant, Guid id, long version, AccountSettings settings) => new
    {
        id,
        tenant = tenant.Value,
        version,
        name = settings.Name,
        accountSid = settings.AccountSid,
        token = settings.AuthToken is { } token ? seal.Seal(token, id) : null,
        baseAddress = settings.BaseAddress,
        rate = settings.SegmentsPerSecond,
        concurrency = settings.MaxConcurrency,
    };

    private sealed class Row
    {
        public Guid Id { get; init; }

        public string Name { get; init; } = "";

        public string AccountSid { get; init; } = "";

        public string BaseAddress { get; init; } = "";

        public int SegmentsPerSecond { get; init; }

        public int MaxConcurrency { get; init; }

        public string State { get; init; } = "";

        public string? HaltedReason { get; init; }

        public long Version { get; init; }

        public Account ToAccount(TenantId tenant) =>
            new(Id, tenant, Name, AccountSid, BaseAddress, SegmentsPerSecond, MaxConcurrency, State == "halted", HaltedReason, Version);
    }
}
