using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace SmsCrm.TestKit;

/// <summary>
/// Customers' web servers, one for each first part of the path: <c>/hang...</c> never answers until it is released, <c>/500...</c> answers with that
/// status, everything else 200, unless the test says otherwise.
/// </summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedWebhook> _received = new();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _hanging;

    private WebhookReceiver(WebApplication app) => _app = app;

    public IReadOnlyList<ReceivedWebhook> Received => [.. _received];

    /// <summary>Requests that are open and unanswered.</summary>
    public int Hanging => Volatile.Read(ref _hanging);

    /// <summary>Null: by the path.</summary>
    public Func<HttpContext, Task>? Answer { get; set; }

    public int Port { get; private set; }

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Any, 0));
        var receiver = new WebhookReceiver(builder.Build());
        receiver._app.Run(receiver.ReceiveAsync);
        await receiver._app.StartAsync();
        var address = receiver._app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        receiver.Port = new Uri(address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)).Port;
        return receiver;
    }

    public string Url(string path, string host = "127.0.0.1") => string.Create(CultureInfo.InvariantCulture, $"http://{host}:{Port}/{path}");

    public IReadOnlyList<ReceivedWebhook> At(string path) => [.. _received.Where(received => received.Path == "/" + path)];

    public void Release() => _released.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        _received.Enqueue(new ReceivedWebhook(context.Request.Path, headers, await reader.ReadToEndAsync()));
        if (Answer is { } answer)
        {
            await answer(context);
            return;
        }

        if (context.Request.Path.Value!.StartsWith("/hang", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _hanging);
            await _released.Task.WaitAsync(context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            Interlocked.Decrement(ref _hanging);
            return;
        }

        var first = context.Request.Path.Value.Trim('/').Split('-')[0];
        context.Response.StatusCode = int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 200;
        await context.Response.WriteAsync($"answer of {context.Request.Path}");
    }
}

public sealed record ReceivedWebhook(string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Id => Headers["webhook-id"];

    public string Type => Json.GetProperty("type").GetString()!;

    public JsonElement Data => Json.GetProperty("data");

    private JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    /// <summary>As Standard Webhooks 1.0.0 has it verified; written anew here, so that no mistake of ours confirms itself.</summary>
    /// <param name="secret">As the tenant was shown it.</param>
    public bool IsSignedWith(string secret)
    {
        var signed = Encoding.UTF8.GetBytes($"{Id}.{Headers["webhook-timestamp"]}.{Body}");
        var expected = HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed);
        return Headers["webhook-signature"].Split(' ').Contains($"v1,{Convert.ToBase64String(expected)}");
    }
}
