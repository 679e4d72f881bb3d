using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using SmsCrm.Server.Hosting;

namespace SmsCrm.UnitTests.Server.Hosting;

public sealed class EncodedSlashesTests
{
    [Theory]
    [InlineData("/v1/campaigns/a%2Fb/pause", "a%2Fb", "a/b")]
    [InlineData("/v1/campaigns/a%2fb/pause?x=/y", "a%2fb", "a/b")]
    [InlineData("/v1/campaigns/a%252Fb/pause", "a%2Fb", "a%2Fb")]
    [InlineData("/v1/campaigns/%C3%BC%2F%25/pause/", "ü%2F%", "ü/%")]
    public async Task An_id_in_the_path_is_what_the_caller_escaped(string target, string routed, string meant) =>
        Assert.Equal(meant, await ThroughAsync(target, routed));

    [Theory]
    [InlineData("/v1/campaigns/spring/pause", "spring")]
    [InlineData("/v1/other/../campaigns/a%2Fb/pause", "a%2Fb")]
    [InlineData("http://host/v1/campaigns/a%2Fb/pause", "a%2Fb")]
    public async Task What_needs_nothing_or_does_not_line_up_stays_as_it_is(string target, string routed) =>
        Assert.Equal(routed, await ThroughAsync(target, routed));

    private static async Task<string?> ThroughAsync(string target, string routed)
    {
        var context = new DefaultHttpContext();
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        context.Request.Path = $"/v1/campaigns/{routed}/pause";
        context.Request.RouteValues["id"] = routed;
        context.SetEndpoint(new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse("/v1/campaigns/{id}/pause"), 0, null, null));

        await new EncodedSlashes(_ => Task.CompletedTask).InvokeAsync(context);

        return context.Request.RouteValues["id"] as string;
    }
}
