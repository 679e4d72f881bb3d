using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using SmsCrm.LoadTests.Environment;

namespace SmsCrm.LoadTests.Webhooks;

/// <summary>The receivers' process, as the load sees it.</summary>
internal sealed class Receiver : IDisposable
{
    /// <summary>After the system's own eight.</summary>
    private const int Port = 18_610;

    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new() { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}")) };

    private Receiver()
    {
    }

    public static async Task<Receiver> StartAsync(LoadEnvironment environment, TimeProvider clock, CancellationToken cancellation)
    {
        var process = await environment.StartChildAsync("receivers", [ReceiverProgram.Command, Port.ToString(CultureInfo.InvariantCulture)], cancellation);
        var receiver = new Receiver();
        for (var begin = clock.GetTimestamp(); ;)
        {
            process.RequireRunning();
            try
            {
                await receiver.TakeArrivalsAsync(cancellation);
                return receiver;
            }
            catch (HttpRequestException e) when (e.InnerException is SocketException && clock.GetElapsedTime(begin) < ReadyWithin)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellation);
            }
        }
    }

    public static string UrlOf(int endpoint) =>
        string.Create(CultureInfo.InvariantCulture, $"http://{WebhooksPlan.AddressOf(endpoint)}:{Port}/e/{endpoint}");

    public async Task BehaveAsync(Behaviour behaviour, CancellationToken cancellation)
    {
        using var answer = await _http.PutAsJsonAsync(ReceiverProgram.BehaviourPath, behaviour, cancellation);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>What came since the last call.</summary>
    public async Task<IReadOnlyList<WebhookArrival>> TakeArrivalsAsync(CancellationToken cancellation) =>
        await _http.GetFromJsonAsync<List<WebhookArrival>>(ReceiverProgram.ArrivalsPath, cancellation) ?? [];

    public void Dispose() => _http.Dispose();
}
