using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using SmsCrm.IntegrationTests.TwilioSimulator;
using SmsCrm.TwilioSimulator;

namespace SmsCrm.IntegrationTests.Pacing;

/// <summary>
/// The POSTs of a <see cref="PacedProcess"/>: each begins within 2 s of its batch or not at all, as the pipeline's do, and names the moment as its
/// message's id.
/// </summary>
internal sealed class PacedPosts : IDisposable
{
    private static readonly TimeSpan PostBy = TimeSpan.FromSeconds(2);
    private readonly HttpClient _http;
    private readonly int _process;
    private int _sent;

    public PacedPosts(Uri simulator, int process)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = simulator };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{SimulatedAccount.DemoSid}:{SimulatedAccount.DemoAuthToken}")));
    }

    /// <summary>To a number that says which process it is, and how many segments.</summary>
    public static string To(int process, int segments, int n) =>
        string.Create(CultureInfo.InvariantCulture, $"+1212555{process}{segments}{n % 100:00}");

    public static (int Process, int Segments) Read(string to) => (to[8] - '0', to[9] - '0');

    /// <summary>Begins one after a delay, as a claim and a queue would make it.</summary>
    public void Start(int segments, long askedAt, TimeSpan delay) => _ = SendAsync(segments, askedAt, delay);

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(int segments, long askedAt, TimeSpan delay)
    {
        await Task.Delay(delay);
        var begunMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        if (TimeProvider.System.GetElapsedTime(askedAt) < PostBy)
        {
            using var form = RunningSimulator.Form(
                ("To", To(_process, segments, Interlocked.Increment(ref _sent))),
                ("From", "78799"),
                ("Body", new string('x', segments == 1 ? 20 : 400)),
                ("StatusCallback", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:9/?message={begunMs}")));
            using var answer = await _http.PostAsync(RunningSimulator.Messages, form);
        }
    }
}
