using System.Globalization;
using SmsCrm.LoadTests.Measuring;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.LoadTests.Links;

/// <summary>People who follow links: an address and a telephone's browser each. Redirects are not followed.</summary>
internal sealed class RedirectLoad(Uri address, int connections) : IDisposable
{
    /// <summary>What the server is told to read a client's address from.</summary>
    public const string AddressHeader = "X-Forwarded-For";

    private const string Browser = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = connections, AllowAutoRedirect = false, UseCookies = false })
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>One request for each arrival; codes are followed in turn, from the first again when there are no more.</summary>
    public async Task<RedirectTally> RunAsync(OpenLoop loop, int count, IReadOnlyList<string> codes, CancellationToken cancellation)
    {
        var tally = new RedirectTally();
        var answers = new List<Task>(count);
        await loop.RunAsync(
            (arrival, token) =>
            {
                answers.Add(FollowAsync(codes[arrival % codes.Count], arrival, loop, tally, token));
                return ValueTask.CompletedTask;
            },
            cancellation);
        await Task.WhenAll(answers);
        return tally;
    }

    /// <summary>Follows each once by HEAD, which is no click: then the server has them in memory.</summary>
    public async Task RememberAsync(IReadOnlyList<string> codes, CancellationToken cancellation)
    {
        for (var i = 0; i < codes.Count; i++)
        {
            using var request = Request(HttpMethod.Head, codes[i], i);
            using var response = await _client.SendAsync(request, cancellation);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>An address of its own for each of 16 million arrivals in a row, so that no limit by address is met.</summary>
    public static string AddressOf(int arrival) =>
        string.Create(CultureInfo.InvariantCulture, $"11.{arrival & 255}.{(arrival >> 8) & 255}.{(arrival >> 16) & 255}");

    private async Task FollowAsync(string code, int arrival, OpenLoop loop, RedirectTally tally, CancellationToken cancellation)
    {
        using var request = Request(HttpMethod.Get, code, arrival);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            tally.Count(response.StatusCode, loop.LatencyNow(arrival));
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

    private static HttpRequestMessage Request(HttpMethod method, string code, int arrival)
    {
        var request = new HttpRequestMessage(method, LinkText.Path + code);
        request.Headers.TryAddWithoutValidation("User-Agent", Browser);
        request.Headers.TryAddWithoutValidation(AddressHeader, AddressOf(arrival));
        return request;
    }
}
