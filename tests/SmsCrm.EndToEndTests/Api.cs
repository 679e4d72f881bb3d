using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using SmsCrm.Contracts.V1;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

/// <summary>The public APIs of a running system, with one key.</summary>
internal sealed class Api : IDisposable
{
    private static readonly TimeSpan StateDeadline = TimeSpan.FromSeconds(60);
    private readonly GrpcChannel _channel;

    private Api(LocalSystem system, string key, Uri? rest)
    {
        _channel = GrpcChannel.ForAddress(system.GrpcAddress);
        Grpc = new MessageIngest.MessageIngestClient(_channel);
        Headers = new Metadata { { "authorization", $"Bearer {key}" } };
        Rest = new HttpClient { BaseAddress = rest ?? system.HttpAddress, Timeout = TimeSpan.FromSeconds(30) };
        Rest.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public MessageIngest.MessageIngestClient Grpc { get; }

    public Metadata Headers { get; }

    public HttpClient Rest { get; }

    public static Api With(string key, LocalSystem system, Uri? rest = null) => new(system, key, rest);

    /// <summary>With the demo tenant's key.</summary>
    /// <param name="rest">Where the REST API is; null: the system's own.</param>
    public static async Task<Api> OfAsync(LocalSystem system, Uri? rest = null) =>
        With((await File.ReadAllTextAsync(system.Settings["SmsCrm__Seed__DemoKeyFile"])).Trim(), system, rest);

    /// <summary>Sends one text over gRPC; its id.</summary>
    public async Task<string> SendAsync(
        string to, Purpose purpose = Purpose.Transactional, string campaign = "", DateTimeOffset? sendAt = null) =>
        (await Grpc.SendAsync(
            new SendRequest
            {
                To = to,
                Body = "Hello. Reply STOP to opt out.",
                Purpose = purpose,
                CampaignId = campaign,
                SendAt = sendAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
            },
            Headers)).MessageId;

    /// <summary>Waits until the message is in one of the states.</summary>
    public Task StateIsAsync(string id, params string[] states) => Eventually.PassesAsync(
        async () => Assert.Contains((await GetAsync($"/v1/messages/{id}")).GetProperty("state").GetString(), states), StateDeadline);

    /// <summary>Waits until the message is in the state, for the reason.</summary>
    public Task StateIsForAsync(string id, string state, string reason) => Eventually.PassesAsync(
        async () =>
        {
            var message = await GetAsync($"/v1/messages/{id}");
            Assert.Equal((state, reason), (message.GetProperty("state").GetString(), message.GetProperty("reason").GetString()));
        },
        StateDeadline);

    public Task<JsonElement> GetAsync(string path) => CallAsync(HttpMethod.Get, path);

    public Task<JsonElement> PutAsync(string path, string body) => CallAsync(HttpMethod.Put, path, body);

    public Task<JsonElement> PostAsync(string path, string? body = null) => CallAsync(HttpMethod.Post, path, body);

    /// <summary>Calls the REST API and holds it to a success.</summary>
    public async Task<JsonElement> CallAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : Json(body) };
        using var answer = await Rest.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    public void Dispose()
    {
        Rest.Dispose();
        _channel.Dispose();
    }
}
