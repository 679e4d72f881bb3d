using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;
using SmsCrm.Contracts.V1;

namespace SmsCrm.Server.Local;

/// <summary>How the demo's messages stand, by the report API.</summary>
/// <param name="ByState">Messages by the name of their state.</param>
internal sealed record DemoCounts(long Accepted, IReadOnlyDictionary<string, long> ByState)
{
    private static readonly HashSet<string> Final =
        ["delivered", "read", "undelivered", "failed", "rejected", "cancelled", "uncertain"];

    public static DemoCounts None { get; } = new(0, new Dictionary<string, long>());

    public long Delivered => ByState.GetValueOrDefault("delivered") + ByState.GetValueOrDefault("read");

    /// <summary>How many have come to an end, whichever.</summary>
    public long Ended => ByState.Where(count => Final.Contains(count.Key)).Sum(count => count.Value);
}

/// <param name="Took">From the first request to the last message's end, as the report API shows it.</param>
internal sealed record DemoResult(DemoCounts Counts, int Messages, TimeSpan Took)
{
    public bool IsComplete => Counts.Delivered == Messages;
}

/// <summary>
/// A campaign of transactional texts through the public gRPC API, watched through the public report API. It refuses
/// to run where a provider account of its tenant leads anywhere but to the local simulator.
/// </summary>
internal sealed class DemoCampaign(LocalSystem system, string key, int messages)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // Without any change for this long the demo gives up and says how it stands.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string CampaignId { get; } = "demo-" + TimeProvider.System.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);

    /// <exception cref="LocalServerException">The tenant's texts would leave the machine, or a request was refused.</exception>
    public async Task<DemoResult> RunAsync(IDemoProgress progress, CancellationToken cancellationToken)
    {
        await RequireSimulatorAsync(cancellationToken).ConfigureAwait(false);
        var started = TimeProvider.System.GetTimestamp();
        await SendAsync(cancellationToken).ConfigureAwait(false);
        return await progress.ShowAsync(show => WatchAsync(started, show, cancellationToken)).ConfigureAwait(false);
    }

    private async Task RequireSimulatorAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(system.PostgresConnectionString);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            "SELECT a.base_address FROM provider_accounts a JOIN api_keys k ON k.tenant_id = a.tenant_id WHERE k.secret_hash = $1", connection)
        {
            Parameters = { new() { Value = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key)) } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var accounts = 0;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            accounts++;
            var address = reader.GetString(0);
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Authority != system.SimulatorAddress.Authority)
            {
                throw new LocalServerException(
                    $"The demo was not sent: an account of its tenant leads to {address}, not to the simulator at {system.SimulatorAddress}");
            }
        }

        if (accounts == 0)
        {
            throw new LocalServerException("The demo was not sent: its tenant has no provider account. Did 'smscrm seed' run?");
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        using var channel = GrpcChannel.ForAddress(system.GrpcAddress);
        var headers = new Metadata { { "authorization", "Bearer " + key } };
        using var stream = new MessageIngest.MessageIngestClient(channel).SendStream(headers, cancellationToken: cancellationToken);
        var answers = ReadAnswersAsync(stream.ResponseStream, cancellationToken);
        for (var i = 0; i < messages && !answers.IsCompleted; i++)
        {
            await stream.RequestStream.WriteAsync(Request(i), cancellationToken).ConfigureAwait(false);
        }

        await stream.RequestStream.CompleteAsync().ConfigureAwait(false);
        await answers.ConfigureAwait(false);
    }

    private SendRequest Request(int index) => new()
    {
        // Numbers of a real exchange in New York, as a validator wants them; the simulator alone sees them.
        To = string.Create(CultureInfo.InvariantCulture, $"+1212{5550000 + index}"),
        Body = string.Create(CultureInfo.InvariantCulture, $"Hello from SMS CRM, this is demo text {index + 1}."),
        Purpose = Purpose.Transactional,
        CampaignId = CampaignId,
        CampaignName = "Demo",
        ClientReference = index.ToString(CultureInfo.InvariantCulture),
    };

    private async Task ReadAnswersAsync(IAsyncStreamReader<SendResult> answers, CancellationToken cancellationToken)
    {
        var accepted = 0;
        await foreach (var answer in answers.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (answer.Error is { } error)
            {
                throw new LocalServerException($"Demo text {answer.ClientReference} was refused: {error.Message} {string.Join(", ", error.Violations)}");
            }

            accepted++;
        }

        if (accepted != messages)
        {
            throw new LocalServerException($"Of {messages} demo texts {accepted} were accepted");
        }
    }

    private async Task<DemoResult> WatchAsync(long started, Action<DemoCounts> show, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = system.HttpAddress, Timeout = TimeSpan.FromSeconds(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var counts = DemoCounts.None;
        var changed = started;
        while (true)
        {
            var now = await ReadCountsAsync(http, cancellationToken).ConfigureAwait(false);
            if (now.Ended != counts.Ended || now.Accepted != counts.Accepted)
            {
                changed = TimeProvider.System.GetTimestamp();
            }

            counts = now;
            show(counts);
            if (counts.Ended >= messages || TimeProvider.System.GetElapsedTime(changed) > Patience)
            {
                return new DemoResult(counts, messages, TimeProvider.System.GetElapsedTime(started));
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<DemoCounts> ReadCountsAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(
            new Uri("/v1/reports/summary?campaign_id=" + Uri.EscapeDataString(CampaignId), UriKind.Relative), cancellationToken).ConfigureAwait(false);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw new LocalServerException($"The report API answered {(int)answer.StatusCode}: {body}");
        }

        using var json = JsonDocument.Parse(body);
        var states = json.RootElement.GetProperty("states").EnumerateObject()
            .ToDictionary(state => state.Name, state => state.Value.GetProperty("messages").GetInt64());
        return new DemoCounts(json.RootElement.GetProperty("accepted").GetInt64(), states);
    }
}
