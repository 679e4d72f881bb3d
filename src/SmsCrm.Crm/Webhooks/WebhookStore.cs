using Dapper;
using Npgsql;
using SmsCrm.Crm.Audit;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Crm.Webhooks;

/// <summary>A tenant's webhook endpoints, every change on record.</summary>
public sealed class WebhookStore
{
    /// <summary>Endpoints of one tenant.</summary>
    public const int MostPerTenant = 50;

    /// <summary>How long the secret before may go on signing, in hours.</summary>
    public const int LongestOverlapHours = 168;

    // What was set, and of the secrets their fingerprints: never what a secret could be read from, nor how the endpoint is doing.
    private const string Show = """
        SELECT jsonb_build_object('url', url, 'description', description, 'events', to_jsonb(events), 'state', state, 'reason', reason,
          'secret', left(md5(secret_sealed), 8), 'previous_until', previous_until)::text
        FROM webhook_endpoints WHERE tenant_id = @tenant AND id = @id FOR UPDATE
        """;

    private const string Columns = """
        id, url, description, events, state, reason, failures, failing_since AS failingsince, waiting,
        CASE WHEN previous_until > now() THEN previous_until END AS previoussecretuntil, version, created_at AS createdat
        """;

    private readonly NpgsqlDataSource _database;
    private readonly SecretSeal _seal;
    private readonly AddressGuard _guard;
    private readonly TimeProvider _time;

    internal WebhookStore(NpgsqlDataSource database, SecretSeal seal, AddressGuard guard, TimeProvider time) =>
        (_database, _seal, _guard, _time) = (database, seal, guard, time);

    public async Task<SettingsOutcome<WebhookWithSecret>> CreateAsync(TenantId tenant, WebhookSettings settings, string actor, CancellationToken cancellation)
    {
        if (Errors(settings) is { Count: > 0 } errors)
        {
            return new SettingsOutcome<WebhookWithSecret>.Refused(errors);
        }

        var id = Guid.CreateVersion7(_time.GetUtcNow());
        var secret = WebhookSignature.NewSecret();
        var made = await RunAsync(
            new Note(tenant, actor, "create", Subject(id)),
            """
            INSERT INTO webhook_endpoints (id, tenant_id, url, description, events, secret_sealed, state, reason)
            SELECT @id, @tenant, @url, @description, @events, @secret, @state, @reason
            WHERE (SELECT count(*) FROM webhook_endpoints WHERE tenant_id = @tenant) < @most
            """,
            Values(tenant, id, 0, settings, _seal.Seal(secret, id)),
            cancellation).ConfigureAwait(false);
        return made
            ? new SettingsOutcome<WebhookWithSecret>.Done(new((await GetAsync(tenant, id, cancellation).ConfigureAwait(false))!, secret))
            : new SettingsOutcome<WebhookWithSecret>.Refused(FormattableString.Invariant($"The tenant has {MostPerTenant} endpoints already: remove one first."));
    }

    /// <summary>Replaces what was set; an endpoint that was off or slowed and is enabled begins afresh with what waits.</summary>
    /// <param name="version">As it was read; 0 changes whatever is there.</param>
    public async Task<SettingsOutcome<WebhookEndpoint>> UpdateAsync(
        TenantId tenant, Guid endpoint, long version, WebhookSettings settings, string actor, CancellationToken cancellation)
    {
        if (Errors(settings) is { Count: > 0 } errors)
        {
            return new SettingsOutcome<WebhookEndpoint>.Refused(errors);
        }

        // Due at once: whoever takes it up finds what waits, or that nothing does. One that is held becomes due when it is given back.
        var changed = await RunAsync(
            new Note(tenant, actor, "update", Subject(endpoint)),
            """
            UPDATE webhook_endpoints SET url = @url, description = @description, events = @events, state = @state, reason = @reason, failures = 0,
              failing_since = NULL, paused_until = NULL, slow_lane = false, version = version + 1, updated_at = now(),
              due_at = CASE WHEN @state = 'off' THEN NULL WHEN held_until > clock_timestamp() THEN held_until ELSE now() END
            WHERE tenant_id = @tenant AND id = @id AND (@version = 0 OR version = @version)
            """,
            Values(tenant, endpoint, version, settings, null),
            cancellation).ConfigureAwait(false);
        return await GetAsync(tenant, endpoint, cancellation).ConfigureAwait(false) switch
        {
            null => new SettingsOutcome<WebhookEndpoint>.NotFound(),
            var current when !changed => new SettingsOutcome<WebhookEndpoint>.Stale(current.Version),
            var current => new SettingsOutcome<WebhookEndpoint>.Done(current),
        };
    }

    /// <summary>Makes a new secret; the one before signs too for a while, so that the receiver can change at leisure.</summary>
    /// <param name="overlapHours">0 to 168: how long both sign.</param>
    public async Task<SettingsOutcome<WebhookWithSecret>> RotateSecretAsync(
        TenantId tenant, Guid endpoint, int overlapHours, string actor, CancellationToken cancellation)
    {
        var errors = new List<string>();
        Check.Range("overlap_hours", overlapHours, 0, LongestOverlapHours, errors);
        if (errors.Count > 0)
        {
            return new SettingsOutcome<WebhookWithSecret>.Refused(errors);
        }

        var secret = WebhookSignature.NewSecret();
        var changed = await RunAsync(
            new Note(tenant, actor, "rotate_secret", Subject(endpoint)),
            """
            UPDATE webhook_endpoints SET secret_sealed = @secret, previous_sealed = CASE WHEN @hours > 0 THEN secret_sealed END,
              previous_until = CASE WHEN @hours > 0 THEN now() + make_interval(hours => @hours) END, version = version + 1, updated_at = now()
            WHERE tenant_id = @tenant AND id = @id
            """,
            new { tenant = tenant.Value, id = endpoint, secret = _seal.Seal(secret, endpoint), hours = overlapHours },
            cancellation).ConfigureAwait(false);
        return changed && await GetAsync(tenant, endpoint, cancellation).ConfigureAwait(false) is { } current
            ? new SettingsOutcome<WebhookWithSecret>.Done(new(current, secret))
            : new SettingsOutcome<WebhookWithSecret>.NotFound();
    }

    /// <summary>False: there is none of that id. What still waits for it is never delivered.</summary>
    public Task<bool> DeleteAsync(TenantId tenant, Guid endpoint, string actor, CancellationToken cancellation) => RunAsync(
        new Note(tenant, actor, "delete", Subject(endpoint)),
        "DELETE FROM webhook_endpoints WHERE tenant_id = @tenant AND id = @id",
        new { tenant = tenant.Value, id = endpoint },
        cancellation);

    public async Task<WebhookEndpoint?> GetAsync(TenantId tenant, Guid endpoint, CancellationToken cancellation) =>
        (await ReadAsync("AND id = @endpoint", tenant, endpoint, cancellation).ConfigureAwait(false)).SingleOrDefault();

    /// <summary>By id; at most <see cref="MostPerTenant"/> or a few more.</summary>
    public Task<IReadOnlyList<WebhookEndpoint>> ListAsync(TenantId tenant, CancellationToken cancellation) =>
        ReadAsync("", tenant, default, cancellation);

    internal static string Subject(Guid endpoint) => $"webhook {endpoint}";

    private async Task<IReadOnlyList<WebhookEndpoint>> ReadAsync(string filter, TenantId tenant, Guid endpoint, CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM webhook_endpoints WHERE tenant_id = @tenant {filter} ORDER BY id LIMIT 1000",
            new { tenant = tenant.Value, endpoint },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return [.. rows.Select(static row => row.ToEndpoint())];
    }

    private Task<bool> RunAsync(Note note, string change, object values, CancellationToken cancellation) =>
        AuditedChange.RunAsync(_database, note, Show, change, values, cancellation);

    private List<string> Errors(WebhookSettings settings)
    {
        var errors = settings.Errors(_guard.AllowsSome, out var address);
        if (address is not null && _seal.Objection(address) is { } objection)
        {
            errors.Add($"url is '{address.Host}': {objection}");
        }

        if (address is not null && System.Net.IPAddress.TryParse(address.DnsSafeHost, out var literal)
            && !_guard.IsAllowed(literal, address.Scheme == Uri.UriSchemeHttp))
        {
            errors.Add($"url is '{address.Host}': a private or reserved address can't be called; use a public name.");
        }

        return errors;
    }

    private static object Values(TenantId tenant, Guid id, long version, WebhookSettings settings, byte[]? secret) => new
    {
        id,
        tenant = tenant.Value,
        version,
        url = settings.Url,
        description = settings.Description,
        events = settings.Events.Distinct().ToArray(),
        state = settings.Enabled ? "active" : "off",
        reason = settings.Enabled ? null : "Switched off by the tenant.",
        secret,
        most = MostPerTenant,
    };

    private sealed class Row
    {
        public Guid Id { get; init; }

        public string Url { get; init; } = "";

        public string Description { get; init; } = "";

        public string[] Events { get; init; } = [];

        public string State { get; init; } = "";

        public string? Reason { get; init; }

        public int Failures { get; init; }

        public DateTime? FailingSince { get; init; }

        public long Waiting { get; init; }

        public DateTime? PreviousSecretUntil { get; init; }

        public long Version { get; init; }

        public DateTime CreatedAt { get; init; }

        public WebhookEndpoint ToEndpoint() => new(
            Id, Url, Description, Events, Enum.Parse<WebhookState>(State, ignoreCase: true), Reason, Failures, FailingSince, Waiting, PreviousSecretUntil, Version,
            CreatedAt);
    }
}
