using Dapper;
using Npgsql;
using SmsCrm.Crm.Audit;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Crm.Tenants;

/// <summary>What a segment to a country costs.</summary>
/// <param name="Tenant">Null: everybody's.</param>
/// <param name="Country">ISO 3166-1 alpha-2, or <c>**</c> for any other.</param>
/// <param name="SegmentMicros">In millionths of the currency's unit.</param>
public sealed record Rate(TenantId? Tenant, string Country, long SegmentMicros);

/// <summary>The one writer of <c>country_rates</c>.</summary>
public sealed class RateStore(NpgsqlDataSource database)
{
    private const long MostMicros = 100_000_000;
    private const int ListLimit = 1_000;

    private const string Show =
        "SELECT jsonb_build_object('segment_micros', segment_micros)::text FROM country_rates WHERE tenant_id = @tenant AND country = @country FOR UPDATE";

    /// <summary>By country, up to 1,000.</summary>
    /// <param name="tenant">Null: everybody's.</param>
    public async Task<IReadOnlyList<Rate>> ListAsync(TenantId? tenant, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var rows = await connection.QueryAsync<(string Country, long Micros)>(new CommandDefinition(
            "SELECT country::text, segment_micros FROM country_rates WHERE tenant_id = @tenant ORDER BY country LIMIT @limit",
            new { tenant = tenant?.Value ?? Guid.Empty, limit = ListLimit },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return [.. rows.Select(row => new Rate(tenant, row.Country, row.Micros))];
    }

    /// <summary>Makes a rate or changes it; it counts for what is claimed from then on.</summary>
    /// <param name="tenant">Null: everybody's.</param>
    /// <param name="country">ISO 3166-1 alpha-2, or <c>**</c>.</param>
    /// <param name="segmentMicros">0 to 100 units.</param>
    public async Task<SettingsOutcome<Rate>> PutAsync(TenantId? tenant, string country, long segmentMicros, string actor, CancellationToken cancellation)
    {
        var errors = new List<string>();
        CheckCountry(country, errors);
        if (segmentMicros is < 0 or > MostMicros)
        {
            errors.Add(FormattableString.Invariant($"rate is {segmentMicros / 1_000_000m}: it must be from 0 to 100."));
        }

        if (errors.Count > 0)
        {
            return new SettingsOutcome<Rate>.Refused(errors);
        }

        await AuditedChange.RunAsync(
            database,
            new Note(tenant, actor, "put", $"rate {country}"),
            Show,
            """
            INSERT INTO country_rates AS r (tenant_id, country, segment_micros) VALUES (@tenant, @country, @micros)
            ON CONFLICT (tenant_id, country) DO UPDATE SET segment_micros = EXCLUDED.segment_micros, updated_at = now()
            """,
            new { tenant = tenant?.Value ?? Guid.Empty, country, micros = segmentMicros },
            cancellation).ConfigureAwait(false);
        return new SettingsOutcome<Rate>.Done(new Rate(tenant, country, segmentMicros));
    }

    /// <summary>Takes a rate away: then the next one that fits counts (<see cref="RateCard"/>).</summary>
    public async Task<SettingsOutcome<Rate>> RemoveAsync(TenantId? tenant, string country, string actor, CancellationToken cancellation)
    {
        var errors = new List<string>();
        CheckCountry(country, errors);
        if (errors.Count > 0)
        {
            return new SettingsOutcome<Rate>.Refused(errors);
        }

        return await AuditedChange.RunAsync(
            database,
            new Note(tenant, actor, "remove", $"rate {country}"),
            Show,
            "DELETE FROM country_rates WHERE tenant_id = @tenant AND country = @country",
            new { tenant = tenant?.Value ?? Guid.Empty, country },
            cancellation).ConfigureAwait(false)
            ? new SettingsOutcome<Rate>.Done(new Rate(tenant, country, 0))
            : new SettingsOutcome<Rate>.NotFound();
    }

    private static void CheckCountry(string country, List<string> errors)
    {
        if (country != RateCard.AnyOther)
        {
            Check.Country("country", country, errors);
        }
    }
}
