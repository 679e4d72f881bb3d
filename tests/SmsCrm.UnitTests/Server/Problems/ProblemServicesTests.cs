using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using SmsCrm.Server.Problems;

namespace SmsCrm.UnitTests.Server.Problems;

public sealed class ProblemServicesTests
{
    [Fact]
    public void What_routing_refused_says_what_to_do_like_any_other_problem()
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "DELETE";
        context.Response.Headers.Allow = "GET, POST";
        var problem = new ProblemDetails { Status = 405, Type = "https://tools.ietf.org/html/rfc9110#section-15.5.6" };

        ProblemServices.Complete(problem, context);

        Assert.Equal(("about:blank", "DELETE is not answered at this address: use GET, POST."), (problem.Type, problem.Detail));
        Assert.Contains("trace_id", problem.Extensions.Keys);
    }

    [Fact]
    public void A_detail_that_is_there_stays()
    {
        var problem = new ProblemDetails { Status = 404, Detail = "There is no message 'x' of this tenant." };

        ProblemServices.Complete(problem, new DefaultHttpContext());

        Assert.Equal("There is no message 'x' of this tenant.", problem.Detail);
    }
}
