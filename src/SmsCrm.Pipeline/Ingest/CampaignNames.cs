using Microsoft.Extensions.Logging;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>A request that says what its campaign is called.</summary>
/// <param name="By">The message.</param>
internal readonly record struct CampaignNaming(TenantId Tenant, string CampaignId, string Name, MessageId By);

/// <summary>
/// What campaigns are called: each request may say it, the latest one counts. Written by the recorder, a second after the acceptance, and only
/// what this process has not written before. One caller at a time.
/// </summary>
internal sealed class CampaignNames(NpgsqlDataSource postgres, ILogger<CampaignNames> logger)
{
    private const int MostRemembered = 10_000;
    private const int TimeoutSeconds = 10;

    // In the order of the key, so that two processes don't wait for one another.
    private const string Sql =
        """
        INSERT INTO campaign_names AS c (tenant_id, campaign_id, name, named_by)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS n(tenant_id, campaign_id, name, named_by) ORDER BY tenant_id, campaign_id
        ON CONFLICT (tenant_id, campaign_id) DO UPDATE SET name = EXCLUDED.name, named_by = EXCLUDED.named_by
          WHERE c.named_by < EXCLUDED.named_by AND c.name <> EXCLUDED.name
        """;

    private readonly Dictionary<(TenantId Tenant, string Campaign), string> _written = [];

    /// <summary>What no row can hold is left out: a name is worth no message's delay.</summary>
    public async Task WriteAsync(IEnumerable<CampaignNaming> namings, CancellationToken cancellation)
    {
        var fresh = namings.Where(static naming => ForeignText.Storable(naming.Name) == naming.Name && ForeignText.Storable(naming.CampaignId) == naming.CampaignId)
            .GroupBy(static naming => (naming.Tenant, naming.CampaignId))
            .Select(static campaign => campaign.MaxBy(static naming => naming.By))
            .Where(latest => _written.GetValueOrDefault((latest.Tenant, latest.CampaignId)) != latest.Name)
            .ToList();
        if (fresh.Count == 0)
        {
            return;
        }

        try
        {
            await using var command = postgres.CreateCommand(Sql);
            command.CommandTimeout = TimeoutSeconds;
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. fresh.Select(static naming => naming.Tenant.Value)] });
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. fresh.Select(static naming => naming.CampaignId)] });
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. fresh.Select(static naming => naming.Name)] });
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. fresh.Select(static naming => naming.By.Value)] });
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception refused) when (BatchFaults.Of(refused) == BatchFault.Entry)
        {
            // The good ones among them come again with the campaign's next message.
            Log.CampaignsNotNamed(logger, fresh.Count, BatchFaults.Sentence(refused));
            return;
        }

        if (_written.Count + fresh.Count > MostRemembered)
        {
            _written.Clear();
        }

        fresh.ForEach(naming => _written[(naming.Tenant, naming.CampaignId)] = naming.Name);
    }
}
