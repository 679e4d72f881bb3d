using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace SmsCrm.LoadTests.Webhooks;

/// <summary>Which endpoints misbehave from now on.</summary>
internal sealed record Behaviour(IReadOnlyList<int> Hanging, IReadOnlyList<int> Failing);

/// <summary>
/// All tenants' web servers in a process of their own, <c>/e/{endpoint}</c> on every loopback address. Notes when each request came, and gives
/// the notes to whoever asks at <c>/_control/arrivals</c>.
/// </summary>
internal sealed class ReceiverProgram(TimeProvider clock)
{
    /// <summary>The first argument that starts this program instead of a scenario; the port follows.</summary>
    public const string Command = "webhook-receiver";

    public const string BehaviourPath = "/_control/behaviour";
    public const string ArrivalsPath = "/_control/arrivals";

    private readonly ConcurrentQueue<WebhookArrival> _arrivals = new();
    private FrozenSet<int> _hanging = [];
    private FrozenSet<int> _failing = [];

    public async Task RunAsync(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        // Loopback is a whole network, which can't be listened on as such.
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Any, port));
        await using var app = builder.Build();
        app.Use(static (context, next) =>
        {
            if (context.Connection.RemoteIpAddress is { } peer && IPAddress.IsLoopback(peer))
            {
                return next(context);
            }

            context.Abort();
            return Task.CompletedTask;
        });
        app.MapPost("/e/{endpoint:int}", ReceiveAsync);
        app.MapPut(BehaviourPath, BehaveAsync);
        app.MapGet(ArrivalsPath, GiveAsync);
        await app.RunAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        var at = clock.GetUtcNow();
        var endpoint = int.Parse((string)context.Request.RouteValues["endpoint"]!, CultureInfo.InvariantCulture);
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        _arrivals.Enqueue(WebhookArrival.Read(endpoint, context.Request.Headers["webhook-id"].ToString(), body, at));
        if (Volatile.Read(ref _hanging).Contains(endpoint))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            return;
        }

        context.Response.StatusCode = Volatile.Read(ref _failing).Contains(endpoint) ? StatusCodes.Status500InternalServerError : StatusCodes.Status204NoContent;
    }

    private async Task BehaveAsync(HttpContext context)
    {
        var behaviour = (await context.Request.ReadFromJsonAsync<Behaviour>(context.RequestAborted))!;
        Volatile.Write(ref _hanging, behaviour.Hanging.ToFrozenSet());
        Volatile.Write(ref _failing, behaviour.Failing.ToFrozenSet());
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Each is given once.</summary>
    private Task GiveAsync(HttpContext context)
    {
        var given = new List<WebhookArrival>();
        while (_arrivals.TryDequeue(out var arrival))
        {
            given.Add(arrival);
        }

        return context.Response.WriteAsJsonAsync(given, context.RequestAborted);
    }
}
