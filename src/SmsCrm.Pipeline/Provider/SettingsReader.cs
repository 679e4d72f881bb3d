using System.Text.Json;
using Npgsql;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Pipeline.Provider;

/// <summary>Reads what Crm/Tenants writes.</summary>
internal static class SettingsReader
{
    public static async Task<long> VersionAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT version FROM settings_version", connection);
        return (long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }

    /// <remarks>
    /// The version is read first: what is committed between it and the rest makes the rest newer than it says, and is read again.
    /// </remarks>
    public static async Task<Settings> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("SELECT version FROM settings_version"),
                new("SELECT id, name, state, default_country, segments_per_second, allows_evidence, link_domain FROM tenants"),
                new("SELECT id, tenant_id, account_sid, auth_token_sealed, base_address, segments_per_second, max_concurrency, state, halted_reason, weight, previous_token_sealed, previous_token_until FROM provider_accounts"),
                new("SELECT id, tenant_id, account_id, address, kind, pool, segments_per_second, state, weight, countries, blocked_reason FROM senders"),
                new("SELECT tenant_id, settings::text, version FROM gate_settings"),
                new("SELECT tenant_id, country, segment_micros FROM country_rates"),
                new("SELECT tenant_id, id FROM campaigns WHERE state = 'paused'"),
                new("SELECT tenant_id, campaign_id, id FROM budgets"),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await reader.ReadAsync(cancellation).ConfigureAwait(false);
        var version = reader.GetInt64(0);
        var tenants = await NextAsync(reader, Tenant, cancellation).ConfigureAwait(false);
        var accounts = await NextAsync(reader, Account, cancellation).ConfigureAwait(false);
        var senders = await NextAsync(reader, Sender, cancellation).ConfigureAwait(false);
        var rules = await NextAsync(reader, Rules, cancellation).ConfigureAwait(false);
        var rates = await NextAsync(reader, Rate, cancellation).ConfigureAwait(false);
        var paused = await NextAsync(reader, PausedCampaign, cancellation).ConfigureAwait(false);
        var budgets = await NextAsync(reader, Budget, cancellation).ConfigureAwait(false);
        return new Settings(version, tenants, accounts, senders, new SendingRules(rules, new RateCard(rates), paused, budgets));
    }

    private static async Task<List<T>> NextAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static TenantBasics Tenant(NpgsqlDataReader row) => new(
        new TenantId(row.GetGuid(0)),
        row.GetString(1),
        row.GetString(2) switch
        {
            "active" => TenantState.Active,
            "paused" => TenantState.Paused,
            _ => TenantState.Suspended,
        },
        row.GetString(3),
        row.GetInt32(4),
        row.GetBoolean(5))
    {
        LinkDomain = row.GetString(6),
    };

    private static SealedAccount Account(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        new TenantId(row.GetGuid(1)),
        row.GetString(2),
        row.GetFieldValue<byte[]>(3),
        row.GetString(4),
        row.GetInt32(5),
        row.GetInt32(6),
        row.GetString(7) != "active",
        row.IsDBNull(8) ? null : row.GetString(8),
        row.GetInt16(9),
        row.IsDBNull(10) ? null : row.GetFieldValue<byte[]>(10),
        row.IsDBNull(11) ? default : new DateTimeOffset(row.GetDateTime(11), TimeSpan.Zero));

    private static Sender Sender(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        new TenantId(row.GetGuid(1)),
        row.GetGuid(2),
        row.GetString(3),
        row.GetString(4),
        row.GetString(5),
        row.GetInt32(6),
        row.GetString(7) == "active",
        row.GetInt16(8))
    {
        Countries = row.GetFieldValue<string[]>(9),
        BlockedReason = row.IsDBNull(10) ? null : row.GetString(10),
    };

    /// <summary>A document that can't be read stops its own tenant and nobody else.</summary>
    private static KeyValuePair<TenantId, TenantRules> Rules(NpgsqlDataReader row)
    {
        var tenant = new TenantId(row.GetGuid(0));
        try
        {
            return new(tenant, TenantRulesJson.Read(row.GetString(1), row.GetInt64(2)));
        }
        catch (JsonException)
        {
            return new(tenant, new TenantRules { Version = row.GetInt64(2), IsReadable = false });
        }
    }

    private static KeyValuePair<(TenantId, string), long> Rate(NpgsqlDataReader row) =>
        new((new TenantId(row.GetGuid(0)), row.GetString(1)), row.GetInt64(2));

    private static (TenantId, string) PausedCampaign(NpgsqlDataReader row) => (new TenantId(row.GetGuid(0)), row.GetString(1));

    private static KeyValuePair<(TenantId, string), Guid> Budget(NpgsqlDataReader row) =>
        new((new TenantId(row.GetGuid(0)), row.GetString(1)), row.GetGuid(2));

    internal sealed record Settings(
        long Version, List<TenantBasics> Tenants, List<SealedAccount> Accounts, List<Sender> Senders, SendingRules Rules);

    internal sealed record SealedAccount(
        Guid Id,
        TenantId Tenant,
        string AccountSid,
        byte[] SealedToken,
        string BaseAddress,
        int SegmentsPerSecond,
        int MaxConcurrency,
        bool IsHalted,
        string? HaltedReason,
        int Weight,
        byte[]? SealedPreviousToken,
        DateTimeOffset PreviousTokenUntil);
}
