using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SmsCrm.Server.Local;
using SmsCrm.TwilioSimulator;

namespace SmsCrm.EndToEndTests;

/// <summary>Recipients of the demo tenant's texts: what they write, posted as the provider posts it, and what reached them.</summary>
internal sealed class Handset(LocalSystem system) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    public void Dispose() => _http.Dispose();

    /// <summary>A text to us, signed; ends with our answer.</summary>
    /// <param name="sid">The provider's; a new one unless it is delivered again.</param>
    public async Task<HttpStatusCode> WriteAsync(string number, string body, string? sid = null, string to = "78701")
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["AccountSid"] = SimulatedAccount.DemoSid,
            ["Body"] = body,
            ["From"] = number,
            ["MessageSid"] = sid ?? NewSid(),
            ["NumMedia"] = "0",
            ["To"] = to,
        };
        var address = new Uri(system.HttpAddress, "/twilio/inbound");
        var signed = address.ToString() + string.Concat(fields.Select(field => field.Key + field.Value));
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Add("X-Twilio-Signature", Convert.ToBase64String(
            HMACSHA1.HashData(Encoding.UTF8.GetBytes(SimulatedAccount.DemoAuthToken), Encoding.UTF8.GetBytes(signed))));
        using var answer = await _http.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>The text stands in the provider's list as written now; with <paramref name="isLost"/> no webhook comes of it.</summary>
    public async Task<string> WriteAtProviderAsync(string number, string body, bool isLost, string to = "78701")
    {
        var url = isLost ? null : new Uri(system.HttpAddress, "/twilio/inbound").ToString();
        using var answer = await _http.PostAsync(
            new Uri(system.SimulatorAddress, "/_control/inbound"),
            new StringContent(JsonSerializer.Serialize(new { from = number, to, body, url, lose = isLost }), Encoding.UTF8, "application/json"));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("sid").GetString()!;
    }

    /// <summary>When the last text to each number began to arrive at the provider.</summary>
    public async Task<Dictionary<string, DateTimeOffset>> LastArrivalsAsync()
    {
        var last = new Dictionary<string, DateTimeOffset>();
        await using var lines = await _http.GetStreamAsync(new Uri(system.SimulatorAddress, "/_control/ledger"));
        using var reader = new StreamReader(lines);
        while (await reader.ReadLineAsync() is { } line)
        {
            using var text = JsonDocument.Parse(line);
            if (text.RootElement.GetProperty("direction").GetString() == "outbound")
            {
                last[text.RootElement.GetProperty("to").GetString()!] =
                    DateTimeOffset.FromUnixTimeMilliseconds(text.RootElement.GetProperty("createdMs").GetInt64());
            }
        }

        return last;
    }

    public static string Number(int n) => string.Create(CultureInfo.InvariantCulture, $"+1212{5550000 + n}");

    public static string NewSid() => "SM" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
