using System.Net.Http.Headers;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using SmsCrm.Contracts.V1;
using SmsCrm.Server.Local;

namespace SmsCrm.EndToEndTests;

/// <summary>The public APIs of a running system, with the demo tenant's key.</summary>
internal sealed class Api : IDisposable
{
    private readonly GrpcChannel _channel;

    private Api(LocalSystem system, string key)
    {
        _channel = GrpcChannel.ForAddress(system.GrpcAddress);
        Grpc = new MessageIngest.MessageIngestClient(_channel);
        Headers = new Metadata { { "authorization", $"Bearer {key}" } };
        Rest = new HttpClient { BaseAddress = system.HttpAddress, Timeout = TimeSpan.FromSeconds(30) };
        Rest.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public MessageIngest.MessageIngestClient Grpc { get; }

    public Metadata Headers { get; }

    public HttpClient Rest { get; }

    public static Api With(string key, LocalSystem system) => new(system, key);

    public static async Task<Api> OfAsync(LocalSystem system) =>
        With((await File.ReadAllTextAsync(system.Settings["SmsCrm__Seed__DemoKeyFile"])).Trim(), system);

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Rest.GetAsync(path);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"GET {path}: {(int)answer.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    public void Dispose()
    {
        Rest.Dispose();
        _channel.Dispose();
    }
}
