using Dapper;
using Npgsql;
using SmsCrm.Crm.Audit;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Crm.Tenants;

/// <summary>The one writer of <c>provider_accounts</c>.</summary>
public sealed class AccountStore(NpgsqlDataSource database, SecretSeal seal, TimeProvider time)
{
    private const int ListLimit = 1_000;

    // Of the secret its fingerprint: a new token is on record as a change and can't be read from it.
    private const string Show = """
        SELECT (to_jsonb(a) - '{id,tenant_id,auth_token_sealed,previous_token_sealed,version,created_at,updated_at}'::text[]
          || jsonb_build_object('auth_token', left(md5(auth_token_sealed), 8)))::text
        FROM provider_accounts a WHERE tenant_id = @tenant AND id = @id FOR UPDATE
        """;

    public async Task<SettingsOutcome<Account>> CreateAsync(TenantId tenant, AccountSettings settings, string actor, CancellationToken cancellation)
    {
        if (settings.Errors(seal, needsToken: true) is { Count: > 0 } errors)
        {
            return new SettingsOutcome<Account>.Refused(errors);
        }

        var id = Guid.CreateVersion7(time.GetUtcNow());
        const string sql = """
            INSERT INTO provider_accounts (id, tenant_id, name, account_sid, auth_token_sealed, base_address, segments_per_second, max_concurrency, weight)
            VALUES (@id, @tenant, @name, @accountSid, @token, @baseAddress, @rate, @concurrency, @weight)
            """;
        return await ChangeAsync(new Note(tenant, actor, "create", $"account {id}"), id, sql, Values(tenant, id, 0, settings), settings, cancellation).ConfigureAwait(false);
    }

    /// <param name="version">As it was read; 0 changes whatever is there.</param>
    public async Task<SettingsOutcome<Account>> UpdateAsync(TenantId tenant, Guid account, long version, AccountSettings settings, string actor, CancellationToken cancellation)
    {
        if (settings.Errors(seal, needsToken: false) is { Count: > 0 } errors)
        {
            return new SettingsOutcome<Account>.Refused(errors);
        }

        const string sql = """
            UPDATE provider_accounts SET name = @name, account_sid = @accountSid, auth_token_sealed = coalesce(@token, auth_token_sealed),
              base_address = @baseAddress, segments_per_second = @rate, max_concurrency = @concurrency, weight = @weight, version = version + 1, updated_at = now(),
              previous_token_sealed = CASE WHEN @token::bytea IS NULL THEN previous_token_sealed WHEN @previousHours > 0 THEN auth_token_sealed END,
              previous_token_until = CASE WHEN @token::bytea IS NULL THEN previous_token_until WHEN @previousHours > 0 THEN now() + @previousHours * interval '1 hour' END
            WHERE tenant_id = @tenant AND id = @id AND (@version = 0 OR version = @version)
            """;
        return await ChangeAsync(new Note(tenant, actor, "update", $"account {account}"), account, sql, Values(tenant, account, version, settings), settings, cancellation).ConfigureAwait(false);
    }

    /// <summary>Stops an account, with a reason of 1 to 500 characters; or, with null, lets it go on.</summary>
    public async Task<SettingsOutcome<Account>> SetHaltedAsync(TenantId tenant, Guid account, string? reason, string actor, CancellationToken cancellation)
    {
        var errors = new List<string>();
        if (reason is not null)
        {
            Check.Name("reason", reason, 500, errors);
        }

        return errors.Count > 0
            ? new SettingsOutcome<Account>.Refused(errors)
            : await ChangeAsync(
                new Note(tenant, actor, reason is null ? "resume" : "halt", $"account {account}"),
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
              max_concurrency AS maxconcurrency, weight, state, halted_reason AS haltedreason, version,
              CASE WHEN previous_token_until > now() THEN previous_token_until END AS previoustokenuntil
            FROM provider_accounts WHERE tenant_id = @tenant ORDER BY id LIMIT @limit
            """,
            new { tenant = tenant.Value, limit = ListLimit },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToAccount(tenant))];
    }

    private async Task<SettingsOutcome<Account>> ChangeAsync(
        Note note, Guid account, string sql, object values, AccountSettings? settings, CancellationToken cancellation)
    {
        var tenant = note.Tenant!.Value;
        bool changed;
        try
        {
            changed = await AuditedChange.RunAsync(database, note, Show, sql, values, cancellation).ConfigureAwait(false);
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
        weight = (short)settings.Weight,
        previousHours = settings.PreviousTokenHours,
    };

    private sealed class Row
    {
        public Guid Id { get; init; }

        public string Name { get; init; } = "";

        public string AccountSid { get; init; } = "";

        public string BaseAddress { get; init; } = "";

        public int SegmentsPerSecond { get; init; }

        public int MaxConcurrency { get; init; }

        public short Weight { get; init; }

        public string State { get; init; } = "";

        public string? HaltedReason { get; init; }

        public long Version { get; init; }

        public DateTime? PreviousTokenUntil { get; init; }

        public Account ToAccount(TenantId tenant) =>
            new(Id, tenant, Name, AccountSid, BaseAddress, SegmentsPerSecond, MaxConcurrency, State == "halted", HaltedReason, Weight, Version) { PreviousTokenUntil = PreviousTokenUntil };
    }
}
