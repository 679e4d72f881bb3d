using Microsoft.AspNetCore.Http;
using SmsCrm.Server.Problems;

namespace SmsCrm.UnitTests.Server.Problems;

public sealed class UnreadParameterTests
{
    [Theory]
    [InlineData("Failed to bind parameter \"long version\" from \"abc\".", "version", "is 'abc': it is a whole number, given once")]
    [InlineData("Failed to bind parameter \"int limit\" from \"1,2\".", "limit", "is '1,2': it is a whole number, given once")]
    [InlineData("Failed to bind parameter \"Nullable<Guid> tenant\" from \"x\".", "tenant", "is 'x': it is an id, such as 019aa000-0000-7000-8000-000000000001, given once")]
    public void A_parameter_that_can_not_be_read_is_told_with_its_value_and_what_it_is(string message, string field, string detail)
    {
        var error = UnreadParameter.Of(new BadHttpRequestException(message))!;

        Assert.Equal((field, detail), (error.Field, error.Detail));
    }

    [Fact]
    public void Other_faults_are_none() => Assert.Null(UnreadParameter.Of(new BadHttpRequestException("Request body too large.")));
}
