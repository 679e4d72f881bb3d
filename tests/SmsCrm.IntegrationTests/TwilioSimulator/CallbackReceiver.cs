using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace SmsCrm.IntegrationTests.TwilioSimulator;

/// <summary>A web server that keeps every callback it gets, in the order of arrival.</summary>
internal sealed class CallbackReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedCallback> _received = new();

    private CallbackReceiver(WebApplication app) => _app = app;

    public IReadOnlyList<ReceivedCallback> Received => [.. _received];

    /// <summary>The status to answer the nth callback (from 0) with. Default 200.</summary>
    public Func<int, int> Answer { get; set; } = _ => StatusCodes.Status200OK;

    public string Url { get; private set; } = "";

    public static async Task<CallbackReceiver> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var receiver = new CallbackReceiver(builder.Build());
        receiver._app.Run(receiver.ReceiveAsync);
        await receiver._app.StartAsync();
        var addresses = receiver._app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        receiver.Url = addresses.Addresses.First() + "/twilio";
        return receiver;
    }

    public string[] Statuses() => [.. Received.Select(callback => callback.Form["MessageStatus"])];

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        _received.Enqueue(new ReceivedCallback(
            context.Request.GetDisplayUrl(), form.ToDictionary(pair => pair.Key, pair => pair.Value.ToString()), headers));
        context.Response.StatusCode = Answer(_received.Count - 1);
    }
}

internal sealed record ReceivedCallback(string Url, Dictionary<string, string> Form, Dictionary<string, string> Headers)
{
    public string Signature => Headers["X-Twilio-Signature"];
}
