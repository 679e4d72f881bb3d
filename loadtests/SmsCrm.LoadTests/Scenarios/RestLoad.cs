using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using SmsCrm.LoadTests.Measuring;

namespace SmsCrm.LoadTests.Scenarios;

/// <summary>Offers the load over <c>POST /v1/messages</c>, one request for each arrival, on pooled connections.</summary>
internal sealed class RestLoad : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly string _campaign;

    public RestLoad(Uri address, string apiKey, string campaign, int connections)
    {
        _campaign = campaign;
        _client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
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
        using var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var response = await _client.PostAsync("/v1/messages", content, cancellation);
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
