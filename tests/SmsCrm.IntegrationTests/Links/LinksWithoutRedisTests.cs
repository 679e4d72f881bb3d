using System.Net;

namespace SmsCrm.IntegrationTests.Links;

/// <summary>Redis is away when a text is accepted, and when its link is followed.</summary>
public sealed class LinksWithoutRedisTests(LinkServer server) : IClassFixture<LinkServer>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await server.Redis.Server.KillAsync();

    public async ValueTask DisposeAsync() => await server.Redis.Server.StartAgainAsync();

    [Fact]
    public async Task A_text_is_accepted_and_its_link_leads_on_once_its_row_is_written()
    {
        var (_, code, record) = await server.SendAsync();
        var before = await server.FollowAsync(code);
        await server.RecordAsync(record);
        var after = await server.FollowAsync(code);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Found), (before.Status, after.Status));
    }
}
