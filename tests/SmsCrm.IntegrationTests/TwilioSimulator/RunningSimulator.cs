using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using SmsCrm.TwilioSimulator;

namespace SmsCrm.IntegrationTests.TwilioSimulator;

/// <summary>A simulator on a free port, with a client of its API (as the demo account) and one of its control.</summary>
internal sealed class RunningSimulator : IAsyncDisposable
{
    public const string Messages = $"/2010-04-01/Accounts/{SimulatedAccount.DemoSid}/Messages.json";
    private readonly WebApplication _app;

    private RunningSimulator(WebApplication app)
    {
        _app = app;
        BaseAddress = TwilioSimulatorApp.BaseAddress(app);
        Api = Client(SimulatedAccount.DemoSid, SimulatedAccount.DemoAuthToken);
        Control = new HttpClient { BaseAddress = BaseAddress };
    }

    public Uri BaseAddress { get; }

    public HttpClient Api { get; }

    public HttpClient Control { get; }

    public static async Task<RunningSimulator> StartAsync(TwilioSimulatorOptions? options = null)
    {
        var app = TwilioSimulatorApp.Build((options ?? new TwilioSimulatorOptions()) with { Port = 0 });
        await app.StartAsync();
        return new RunningSimulator(app);
    }

    public HttpClient Client(string user, string password)
    {
        var client = new HttpClient { BaseAddress = BaseAddress };
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        return client;
    }

    public Task<HttpResponseMessage> PostAsync(params (string Name, string Value)[] form) => Api.PostAsync(Messages, Form(form));

    /// <summary>Creates a message that must be taken, and gives its JSON.</summary>
    public async Task<JsonElement> CreateAsync(
        string to = "+14155550101", string body = "Hi", string from = "12345", params (string Name, string Value)[] more)
    {
        using var response = await PostAsync([("To", to), ("From", from), ("Body", body), .. more]);
        Assert.Equal(201, (int)response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public Task<JsonElement> FetchAsync(string sid) => Api.GetFromJsonAsync<JsonElement>(MessagePath(sid));

    public static string MessagePath(string sid) => $"/2010-04-01/Accounts/{SimulatedAccount.DemoSid}/Messages/{sid}.json";

    public Task<JsonElement> CountsAsync() => Control.GetFromJsonAsync<JsonElement>("/_control/counts");

    public async Task SetAsync(string knobs)
    {
        using var response = await Control.PutAsync("/_control/knobs", new StringContent(knobs, Encoding.UTF8, "application/json"));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public static FormUrlEncodedContent Form(params (string Name, string Value)[] form) =>
        new(form.Select(pair => new KeyValuePair<string, string>(pair.Name, pair.Value)));

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        Control.Dispose();
        await _app.DisposeAsync();
    }
}
