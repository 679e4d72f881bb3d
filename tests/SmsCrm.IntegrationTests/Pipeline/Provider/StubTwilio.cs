using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Pipeline.Provider;

/// <summary>A server that answers as a test says, for what a faithful simulator would never do.</summary>
internal sealed class StubTwilio : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private StubTwilio(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The form of the last request, or its query.</summary>
    public Dictionary<string, string> Fields { get; private set; } = [];

    public string Authorization { get; private set; } = "";

    public static async Task<StubTwilio> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, PrivatePorts.Next(), listen => listen.Protocols = HttpProtocols.Http1));
        var stub = new StubTwilio(builder.Build());
        stub._app.Run(async context =>
        {
            Interlocked.Increment(ref stub._requests);
            stub.Authorization = context.Request.Headers.Authorization.ToString();
            stub.Fields = context.Request.HasFormContentType
                ? (await context.Request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString())
                : context.Request.Query.ToDictionary(field => field.Key, field => field.Value.ToString());
            await answer(context);
        });
        await stub._app.StartAsync();
        return stub;
    }

    public static Task<StubTwilio> AnsweringAsync(int status, string body, string contentType = "application/json", string? retryAfter = null) =>
        StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = contentType;
            if (retryAfter is not null)
            {
                context.Response.Headers.RetryAfter = retryAfter;
            }

            return context.Response.WriteAsync(body);
        });

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
