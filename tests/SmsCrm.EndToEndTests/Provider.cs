using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SmsCrm.Server.Local;
using SmsCrm.TwilioSimulator;

namespace SmsCrm.EndToEndTests;

/// <summary>The simulated provider of a running system: how it behaves, what it took, and its own API with the demo account's token.</summary>
internal sealed class Provider : IDisposable
{
    private readonly HttpClient _http;

    public Provider(LocalSystem system)
    {
        _http = new HttpClient { BaseAddress = system.SimulatorAddress };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{SimulatedAccount.DemoSid}:{SimulatedAccount.DemoAuthToken}")));
    }

    private static string MessagesPath => $"/2010-04-01/Accounts/{SimulatedAccount.DemoSid}/Messages.json";

    public async Task SetKnobsAsync(string knobs)
    {
        using var answer = await _http.PutAsync("/_control/knobs", new StringContent(knobs, Encoding.UTF8, "application/json"));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>How many texts it took, and how many of them it had taken before.</summary>
    public async Task<(int Taken, int Duplicates)> CountsAsync()
    {
        using var counts = JsonDocument.Parse(await _http.GetStringAsync("/_control/counts"));
        return (counts.RootElement.GetProperty("taken").GetInt32(),
            counts.RootElement.GetProperty("duplicatesByMessageId").GetProperty("count").GetInt32()
            + counts.RootElement.GetProperty("duplicatesByRecipientAndBody").GetProperty("count").GetInt32());
    }

    /// <summary>The body of the one text that it lists as sent to the number.</summary>
    public async Task<string> TextToAsync(string number)
    {
        using var listed = JsonDocument.Parse(await _http.GetStringAsync($"{MessagesPath}?To={Uri.EscapeDataString(number)}"));
        return listed.RootElement.GetProperty("messages").EnumerateArray().Single().GetProperty("body").GetString()!;
    }

    /// <summary>A text that somebody sends with the account's token, past this product; its sid.</summary>
    public async Task<string> CreateAsync(string from, string to, string body)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["To"] = to, ["From"] = from, ["Body"] = body });
        using var answer = await _http.PostAsync(MessagesPath, form);
        using var made = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return made.RootElement.GetProperty("sid").GetString()!;
    }

    public void Dispose() => _http.Dispose();
}
