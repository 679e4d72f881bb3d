using System.Text.Json;

namespace SmsCrm.LoadTests.Webhooks;

/// <summary>A request that reached the receiver.</summary>
/// <param name="Endpoint">Whose, by its path.</param>
/// <param name="Id">The delivery's, the same at each attempt.</param>
/// <param name="Campaign">Of the message: the phase that it was sent in.</param>
/// <param name="EventAt">When the ledger's transaction of the event began: a few milliseconds before its commit.</param>
/// <param name="At">When the receiver had read the request's head.</param>
internal sealed record WebhookArrival(int Endpoint, string Id, string Campaign, DateTimeOffset EventAt, DateTimeOffset At)
{
    /// <summary>Of a delivery's body.</summary>
    public static WebhookArrival Read(int endpoint, string id, string body, DateTimeOffset at)
    {
        using var json = JsonDocument.Parse(body);
        var data = json.RootElement.GetProperty("data");
        return new WebhookArrival(
            endpoint,
            id,
            data.TryGetProperty("campaign_id", out var campaign) ? campaign.GetString()! : "",
            json.RootElement.GetProperty("timestamp").GetDateTimeOffset(),
            at);
    }
}
