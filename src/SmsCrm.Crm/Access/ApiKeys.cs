using Dapper;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Access;

/// <summary>A key as lists show it; the secret is not among it.</summary>
/// <param name="Tenant">Null: an operator's.</param>
/// <param name="TenantName">Empty for an operator's.</param>
/// <param name="Prefix">The beginning of the key, which names it.</param>
/// <param name="RevokedAt">Null while it is good.</param>
public sealed record ApiKeyInfo(
    Guid Id, TenantId? Tenant, string TenantName, string Name, string Prefix, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

/// <summary>What became of making a key: a closed set.</summary>
public abstract record CreateKeyOutcome
{
    private CreateKeyOutcome()
    {
    }

    /// <param name="Key">The key itself. It is shown this once and stored nowhere.</param>
    public sealed record Created(Guid Id, string Prefix, string Key) : CreateKeyOutcome
    {
        public override string ToString() => $"Created {Id} ({Prefix})";
    }

    public sealed record NoSuchTenant(TenantId Tenant) : CreateKeyOutcome;

    public sealed record BadName(string Sentence) : CreateKeyOutcome;
}

/// <summary>What became of a revocation.</summary>
public enum RevokeKeyOutcome
{
    /// <summary>Every node refuses it within two seconds.</summary>
    Revoked,

    AlreadyRevoked,

    NoSuchKey,
}

/// <summary>Makes, lists and revokes keys. The one writer of <c>api_keys</c>.</summary>
public sealed class ApiKeys(NpgsqlDataSource dataSource, TimeProvider clock)
{
    private const int NameLength = 200;
    private const int ListLimit = 1_000;

    /// <param name="tenant">Whose key it is; null for an operator's.</param>
    /// <param name="name">What it is for, 1 to 200 characters.</param>
    public async Task<CreateKeyOutcome> CreateAsync(TenantId? tenant, string name, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > NameLength || name.Any(char.IsControl))
        {
            return new CreateKeyOutcome.BadName($"The name '{name}' must have 1 to {NameLength} characters, none of them a control character.");
        }

        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var key = ApiKeyText.Create();
        var row = new { id, tenant = tenant?.Value, name, prefix = ApiKeyText.PrefixOf(key), hash = ApiKeyText.Hash(key).ToBytes() };
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            await connection.ExecuteAsync(new CommandDefinition(
                "INSERT INTO api_keys (id, tenant_id, name, prefix, secret_hash) VALUES (@id, @tenant, @name, @prefix, @hash)",
                row,
                cancellationToken: cancellation)).ConfigureAwait(false);
        }
        catch (PostgresException unknown) when (unknown.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return new CreateKeyOutcome.NoSuchTenant(tenant!.Value);
        }

        return new CreateKeyOutcome.Created(id, row.prefix, key);
    }

    /// <summary>The newest 1,000 keys, of one tenant or (null) of all tenants and operators.</summary>
    public async Task<IReadOnlyList<ApiKeyInfo>> ListAsync(TenantId? tenant, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT k.id, k.tenant_id AS tenantid, coalesce(t.name, '') AS tenantname, k.name, k.prefix, k.created_at AS createdat, k.revoked_at AS revokedat
            FROM api_keys k LEFT JOIN tenants t ON t.id = k.tenant_id
            WHERE @tenant::uuid IS NULL OR k.tenant_id = @tenant
            ORDER BY k.id DESC LIMIT @limit
            """,
            new { tenant = tenant?.Value, limit = ListLimit },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return [.. rows.Select(static r => r.ToInfo())];
    }

    /// <summary>Whether it is a key of that tenant, known and not revoked.</summary>
    public async Task<bool> IsGoodAsync(TenantId tenant, string key, CancellationToken cancellation)
    {
        if (!ApiKeyText.HasTheForm(key))
        {
            return false;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM api_keys WHERE secret_hash = @hash AND tenant_id = @tenant AND revoked_at IS NULL)",
            new { hash = ApiKeyText.Hash(key).ToBytes(), tenant = tenant.Value },
            cancellationToken: cancellation)).ConfigureAwait(false);
    }

    /// <param name="idOrPrefix">The key's id, or its prefix as lists show it.</param>
    public async Task<RevokeKeyOutcome> RevokeAsync(string idOrPrefix, CancellationToken cancellation)
    {
        var id = Guid.TryParse(idOrPrefix, out var parsed) ? parsed : (Guid?)null;
        await using var connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);

        // The clock of the statement, not of the transaction: nodes look for what was revoked since they last looked.
        var changed = await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE api_keys SET revoked_at = clock_timestamp() WHERE revoked_at IS NULL AND (id = @id OR prefix = @text)",
            new { id, text = idOrPrefix },
            cancellationToken: cancellation)).ConfigureAwait(false);
        if (changed > 0)
        {
            return RevokeKeyOutcome.Revoked;
        }

        var known = await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM api_keys WHERE id = @id OR prefix = @text)",
            new { id, text = idOrPrefix },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return known ? RevokeKeyOutcome.AlreadyRevoked : RevokeKeyOutcome.NoSuchKey;
    }

    private sealed class Row
    {
        public Guid Id { get; init; }

        public Guid? TenantId { get; init; }

        public string TenantName { get; init; } = "";

        public string Name { get; init; } = "";

        public string Prefix { get; init; } = "";

        public DateTime CreatedAt { get; init; }

        public DateTime? RevokedAt { get; init; }

        public ApiKeyInfo ToInfo() => new(
            Id, TenantId is { } tenant ? new TenantId(tenant) : null, TenantName, Name, Prefix, new DateTimeOffset(CreatedAt), RevokedAt is { } at ? new DateTimeOffset(at) : null);
    }
}
