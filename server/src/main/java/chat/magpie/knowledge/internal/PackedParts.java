package chat.magpie.knowledge.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// The parts of a packed Office document, read within limits: what says it is small and unpacks to
/// something huge is given up where the limit is reached.
final class PackedParts implements AutoCloseable {
  private static final int GRACE = 1_000_000;
  private static final XMLInputFactory XML = xml();

  private final ZipFile zip;
  private final Limits limits;
  private long unpacked;

  private PackedParts(ZipFile zip, Limits limits) {
    this.zip = zip;
    this.limits = limits;
  }

  static PackedParts open(Path file, Limits limits) throws Unreadable {
    try {
      PackedParts parts = new PackedParts(new ZipFile(file.toFile()), limits);
      if (parts.zip.size() > Limits.PARTS) {
        parts.close();
        throw new Unreadable("It is packed of more than " + Limits.PARTS + " parts.");
      }
      return parts;
    } catch (IOException e) {
      throw new Unreadable("It is damaged: its parts cannot be unpacked.", e);
    }
  }

  /// Reads an XML part, if it is there, element by element.
  void read(String name, XmlPart part) throws Unreadable {
    Optional<ZipEntry> entry = Optional.ofNullable(zip.getEntry(name));
    if (entry.isEmpty()) {
      return;
    }
    try (InputStream in = new Counted(zip.getInputStream(entry.get()), entry.get())) {
      XMLStreamReader xml = XML.createXMLStreamReader(in);
      int depth = 0;
      while (xml.hasNext()) {
        switch (xml.next()) {
          case XMLStreamReader.START_ELEMENT -> {
            if (++depth > Limits.NESTING) {
              throw new Unreadable(
                  "Its elements are nested deeper than " + Limits.NESTING + " levels.");
            }
            part.begin(xml);
          }
          case XMLStreamReader.END_ELEMENT -> {
            depth--;
            part.end(xml.getLocalName());
          }
          case XMLStreamReader.CHARACTERS, XMLStreamReader.CDATA -> part.text(xml.getText());
          case XMLStreamReader.DTD ->
              throw new Unreadable("It declares entities, which documents of Office never do.");
          default -> {
            // comments and the like say nothing
          }
        }
      }
    } catch (TooLarge e) {
      throw new Unreadable(e.why, e);
    } catch (XMLStreamException e) {
      if (e.getNestedException() instanceof TooLarge large) {
        throw new Unreadable(large.why, large);
      }
      throw new Unreadable("It is damaged: its part " + name + " cannot be read.", e);
    } catch (IOException | IllegalArgumentException e) {
      throw new Unreadable("It is damaged: its part " + name + " cannot be read.", e);
    }
  }

  boolean has(String name) {
    return zip.getEntry(name) != null;
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      System.getLogger(PackedParts.class.getName())
          .log(System.Logger.Level.DEBUG, "The file did not close", e);
    }
  }

  /// What is done with the elements of a part.
  interface XmlPart {
    void begin(XMLStreamReader element) throws Unreadable;

    default void text(String text) throws Unreadable {}

    default void end(String name) throws Unreadable {}
  }

  static String attribute(XMLStreamReader element, String name) {
    for (int i = 0; i < element.getAttributeCount(); i++) {
      if (element.getAttributeLocalName(i).equals(name)) {
        return element.getAttributeValue(i);
      }
    }
    return "";
  }

  private static XMLInputFactory xml() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    return factory;
  }

  /// More came out than goes in.
  private static final class TooLarge extends IOException {
    private final String why;

    TooLarge(String why) {
      super(why);
      this.why = why;
    }
  }

  /// Counts what comes out of a part.
  private final class Counted extends FilterInputStream {
    private final long packed;
    private long out;

    Counted(InputStream in, ZipEntry entry) {
      super(in);
      this.packed = Math.max(1, entry.getCompressedSize());
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      count(read < 0 ? 0 : 1);
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      count(Math.max(0, read));
      return read;
    }

    private void count(int bytes) throws TooLarge {
      out += bytes;
      unpacked += bytes;
      if (unpacked > limits.unpacked()) {
        throw new TooLarge("Unpacked it is larger than " + limits.unpacked() + " bytes.");
      }
      if (out > GRACE && out / packed > Limits.RATIO) {
        throw new TooLarge(
            "Unpacked it is more than " + Limits.RATIO + " times larger than packed.");
      }
    }
  }
}
