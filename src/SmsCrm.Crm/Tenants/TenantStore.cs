using Dapper;
using Npgsql;
using SmsCrm.Crm.Audit;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Crm.Tenants;

/// <summary>The one writer of <c>tenants</c>.</summary>
public sealed class TenantStore(NpgsqlDataSource database, TimeProvider time)
{
    private const int ListLimit = 1_000;
    private const string Show = "SELECT (to_jsonb(t) - '{id,version,created_at,updated_at}'::text[])::text FROM tenants t WHERE id = @id FOR UPDATE";
    private const string Columns = """
        id, name, state, default_country AS defaultcountry, segments_per_second AS segmentspersecond, allows_evidence AS allowsevidence, time_zone AS timezone, link_domain AS linkdomain, version, created_at AS createdat
        """;

    public async Task<SettingsOutcome<Tenant>> CreateAsync(TenantSettings settings, string actor, CancellationToken cancellation)
    {
        if (settings.Errors() is { Count: > 0 } errors)
        {
            return new SettingsOutcome<Tenant>.Refused(errors);
        }

        var id = Guid.CreateVersion7(time.GetUtcNow());
        try
        {
            await AuditedChange.RunAsync(
                database,
                new Note(new TenantId(id), actor, "create", $"tenant {id}"),
                Show,
                """
                INSERT INTO tenants (id, name, state, default_country, segments_per_second, allows_evidence, time_zone, link_domain)
                VALUES (@id, @name, @state, @country, @rate, @evidence, @zone, @domain)
                """,
                Values(id, 0, settings),
                cancellation).ConfigureAwait(false);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return Taken(settings, taken);
        }

        return new SettingsOutcome<Tenant>.Done((await GetAsync(new TenantId(id), cancellation).ConfigureAwait(false))!);
    }

    /// <param name="version">As it was read; 0 changes whatever is there.</param>
    public async Task<SettingsOutcome<Tenant>> UpdateAsync(TenantId tenant, long version, TenantSettings settings, string actor, CancellationToken cancellation)
    {
        if (settings.Errors() is { Count: > 0 } errors)
        {
            return new SettingsOutcome<Tenant>.Refused(errors);
        }

        bool changed;
        try
        {
            changed = await AuditedChange.RunAsync(
                database,
                new Note(tenant, actor, "update", $"tenant {tenant}"),
                Show,
                """
                UPDATE tenants SET name = @name, state = @state, default_country = @country, segments_per_second = @rate,
                  allows_evidence = @evidence, time_zone = @zone, link_domain = @domain, version = version + 1, updated_at = now()
                WHERE id = @id AND (@version = 0 OR version = @version)
                """,
                Values(tenant.Value, version, settings),
                cancellation).ConfigureAwait(false);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return Taken(settings, taken);
        }

        return await GetAsync(tenant, cancellation).ConfigureAwait(false) switch
        {
            null => new SettingsOutcome<Tenant>.NotFound(),
            var current when !changed => new SettingsOutcome<Tenant>.Stale(current.Version),
            var current => new SettingsOutcome<Tenant>.Done(current),
        };
    }

    public async Task<Tenant?> GetAsync(TenantId tenant, CancellationToken cancellation) =>
        (await ReadAsync("WHERE id = @id", new { id = tenant.Value, limit = 1 }, cancellation).ConfigureAwait(false)).SingleOrDefault();

    public async Task<Tenant?> FindAsync(string name, CancellationToken cancellation) =>
        (await ReadAsync("WHERE name = @name", new { name, limit = 1 }, cancellation).ConfigureAwait(false)).SingleOrDefault();

    /// <summary>By id, up to 1,000 after <paramref name="after"/>.</summary>
    public Task<IReadOnlyList<Tenant>> ListAsync(TenantId after, CancellationToken cancellation) =>
        ReadAsync("WHERE id > @after", new { after = after.Value, limit = ListLimit }, cancellation);

    private async Task<IReadOnlyList<Tenant>> ReadAsync(string where, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM tenants {where} ORDER BY id LIMIT @limit", parameters, cancellationToken: cancellation)).ConfigureAwait(false);
        return [.. rows.Select(static row => row.ToTenant())];
    }

    private static SettingsOutcome<Tenant> Taken(TenantSettings settings, PostgresException taken) => new SettingsOutcome<Tenant>.Refused(
        taken.ConstraintName == "tenants_link_domain"
            ? $"link_domain is '{settings.LinkDomain}': another tenant's short links stand on it; choose a domain of this tenant's own."
            : $"name is '{settings.Name}': another tenant has it; choose another one.");

    private static object Values(Guid id, long version, TenantSettings settings) => new
    {
        id,
        version,
        name = settings.Name,
        state = settings.State.ToString().ToLowerInvariant(),
        country = settings.DefaultCountry,
        rate = settings.SegmentsPerSecond,
        evidence = settings.AllowsEvidence,
        zone = settings.TimeZone,
        domain = settings.LinkDomain,
    };

    private sealed class Row
    {
        public Guid Id { get; init; }

        public string Name { get; init; } = "";

        public string State { get; init; } = "";

        public string DefaultCountry { get; init; } = "";

        public int SegmentsPerSecond { get; init; }

        public bool AllowsEvidence { get; init; }

        public string TimeZone { get; init; } = "";

        public string LinkDomain { get; init; } = "";

        public long Version { get; init; }

        public DateTime CreatedAt { get; init; }

        public Tenant ToTenant() => new(
            new TenantId(Id),
            Name,
            Enum.Parse<TenantState>(State, ignoreCase: true),
            DefaultCountry,
            SegmentsPerSecond,
            AllowsEvidence,
            TimeZone,
            LinkDomain,
            Version,
            new DateTimeOffset(CreatedAt));
    }
}
