using EmbeddingService;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddEmbeddingService();
var application = builder.Build();
application.MapEmbeddingService();
application.Run();
