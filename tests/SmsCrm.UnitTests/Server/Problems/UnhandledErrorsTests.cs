using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SmsCrm.Server.Problems;

namespace SmsCrm.UnitTests.Server.Problems;

public sealed class UnhandledErrorsTests
{
    [Fact]
    public async Task The_log_names_the_route_and_never_the_number_in_the_path()
    {
        var log = new Lines();
        await using var services = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Method = "PUT";
        context.Request.Path = "/v1/recipients/+12125550123/consent";
        context.SetEndpoint(new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse("/v1/recipients/{number}/consent"), 0, null, null));

        await new UnhandledErrors(services.GetRequiredService<IProblemDetailsService>(), log)
            .TryHandleAsync(context, new InvalidOperationException(), TestContext.Current.CancellationToken);

        var line = Assert.Single(log.Written);
        Assert.StartsWith("PUT /v1/recipients/{number}/consent failed unexpectedly", line);
        Assert.DoesNotContain("2125550123", line);
    }

    private sealed class Lines : ILogger<UnhandledErrors>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}
