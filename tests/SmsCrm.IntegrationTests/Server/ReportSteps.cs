using System.Text.Json;
using Npgsql;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.IntegrationTests.Server;

/// <summary>What tests of reports do again and again: fill a tenant's ledger, and read what a report says.</summary>
internal static class ReportSteps
{
    public static List<JsonElement> Lines(JsonElement report) => [.. report.GetProperty("lines").EnumerateArray()];

    public static string Text(JsonElement of, string name) => of.GetProperty(name).ToString();

    public static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();

    public static string Figures(JsonElement figures, params string[] names) => string.Join(' ', names.Select(name => $"{name}={figures.GetProperty(name)}"));

    public static async Task SetZoneAsync(this CrmServer server, string zone)
    {
        await using var update = server.Bench.Postgres.CreateCommand("UPDATE tenants SET time_zone = $1 WHERE id = $2");
        update.Parameters.Add(new NpgsqlParameter<string> { TypedValue = zone });
        update.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = server.Bench.Tenant.Value });
        await update.ExecuteNonQueryAsync();
    }

    /// <summary>Queued, taken, delivered, undelivered, failed, uncertain, rejected, cancelled; each of two segments.</summary>
    public static async Task MakeOneOfEachAsync(this CrmServer server, string campaign)
    {
        var bench = server.Bench;
        var messages = Enumerable.Range(0, 8).Select(_ => bench.NewMessage(campaign: campaign)).ToArray();
        await bench.Ledger.EnqueueAsync([messages[0]], default);
        foreach (var (message, word) in new[] { (messages[1], "queued"), (messages[2], "delivered"), (messages[3], "undelivered") })
        {
            var sid = LedgerBench.NewSid();
            await bench.RecordAsync(message, (await bench.ClaimAsync(message, RowFacts.NoRow)).Row, new ClaimOutcome.Taken(sid));
            await bench.HearAsync(message, sid, word, word == "undelivered" ? 30003 : 0);
        }

        await bench.RecordAsync(messages[4], (await bench.ClaimAsync(messages[4], RowFacts.NoRow)).Row, new ClaimOutcome.Failed(Reason.ProviderRefused, 21211, "{}"));
        var unknown = await bench.RecordAsync(messages[5], (await bench.ClaimAsync(messages[5], RowFacts.NoRow)).Row, new ClaimOutcome.Unknown("lost"));
        await bench.Ledger.MarkUncertainAsync([(messages[5].Id, unknown.Row)], "nobody knows", default);
        await bench.Ledger.RejectAsync([new RejectEntry(messages[6], RowFacts.NoRow, new Verdict(Reason.Suppressed, "{}"))], default);
        await bench.Ledger.CancelSeenAsync([new CancelEntry(messages[7], RowFacts.NoRow)], default);
    }
}
