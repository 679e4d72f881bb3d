using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using SmsCrm.LoadTests.Measuring;

namespace SmsCrm.LoadTests.Scenarios;

/// <summary>Offers the load over <c>POST /v1/messages</c>, one request for each arrival, on pooled connections.</summary>
internal sealed class RestLoad : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly Func<int, string> _keyOf;
    private readonly string _campaign;

    public RestLoad(Uri address, string apiKey, string campaign, int connections)
        : this(address, _ => apiKey, campaign, connections)
    {
    }

    /// <param name="keyOf">Whose message an arrival is: its tenant's key.</param>
    public RestLoad(Uri address, Func<int, string> keyOf, string campaign, int connections)
    {
        (_keyOf, _campaign) = (keyOf, campaign);
        _client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public async Task RunAsync(OpenLoop loop, int count, IngestTally tally, CancellationToken cancellation)
    {
        var answers = new List<Task>(count);
        await loop.RunAsync(
            (arrival, token) =>
            {
                answers.Add(PostAsync(arrival, loop, tally, token));
                return ValueTask.CompletedTask;
            },
            cancellation);
        await Task.WhenAll(answers);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task PostAsync(int arrival, OpenLoop loop, IngestTally tally, CancellationToken cancellation)
    {
        var text = TextFactory.Create(_campaign, arrival);
        var json = JsonSerializer.SerializeToUtf8Bytes(new
        {
            to = text.To,
            body = text.Body,
            purpose = "transactional",
            campaign_id = text.CampaignId,
            client_reference = arrival.ToString(CultureInfo.InvariantCulture),
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new ByteArrayContent(json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _keyOf(arrival));
        try
        {
            using var response = await _client.SendAsync(request, cancellation);
            if (response.IsSuccessStatusCode)
            {
                tally.CountAccepted(loop.LatencyNow(arrival));
            }
            else
            {
                tally.CountError($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellation)}");
            }
        }
        catch (HttpRequestException broken)
        {
            tally.CountError(broken.Message);
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            tally.CountError("no answer within 30 s");
        }
    }
}
